# SPDX-License-Identifier: BSD-3-Clause
"""A Slurm cluster of this machine alone, from Debian's packages, in a folder of its own and as the present user."""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch")
CONFIGURATION = """\
ClusterName=nullcline
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={port}
SlurmdPort={node_port}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
MaxArraySize=64
MinJobAge=300
KillWait=5
SchedulerParameters=batch_sched_delay=0,sched_interval=1
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
"""


def program(name):
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")


def user():
    return pwd.getpwuid(os.getuid()).pw_name


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """`with Cluster(folder) as cluster: cluster.run("sbatch", ...)`. The folder's path is short and has no blanks."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.environment = dict(os.environ, SLURM_CONF=str(self.folder / "slurm.conf"))
        self.daemons = []

    def __enter__(self):
        missing = [name for name in NEEDED if not program(name)]
        assert not missing, f"not installed: {missing} (script/setup installs them)"
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        self.folder.chmod(0o755)
        host = socket.gethostname().split(".")[0]
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            host=host, user=user(), port=free_port(), node_port=free_port(), folder=self.folder,
            cpus=os.cpu_count(), memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**21))
        try:
            self.start("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={self.folder}/munge.socket",
                       f"--pid-file={self.folder}/munge.pid", f"--seed-file={self.folder}/munge.seed",
                       f"--log-file={self.folder}/munge.log")
            self.wait(lambda: (self.folder / "munge.socket").exists(), "munged")
            self.start("slurmctld", "-D")
            self.start("slurmd", "-D")
            self.wait(lambda: self.run("sinfo", "-h", "-o", "%t").strip() == "idle", "the node")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if len(self.daemons) > 1:
            self.run("scancel", "--user", user(), check=False)
        for daemon in reversed(self.daemons):
            daemon.send_signal(signal.SIGTERM)
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()

    def start(self, name, *arguments):
        log = open(self.folder / f"{name}.out", "wb")
        self.daemons.append(subprocess.Popen([program(name), *arguments], env=self.environment, stdout=log, stderr=log))

    def wait(self, is_ready, what, seconds=120):
        end = time.time() + seconds
        while not is_ready():
            logs = "\n".join(path.read_text(errors="replace")[-2000:] for path in sorted(self.folder.glob("*.[lo][ou][gt]")))
            assert time.time() < end, f"{what} is not ready\n{logs}"
            time.sleep(0.2)

    def run(self, *command, check=True):
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def running(self, job):
        """Numbers of the tasks of an array that run now."""
        lines = self.run("squeue", "-h", "-r", "-j", job, "-t", "RUNNING", "-o", "%K", check=False).split()
        return sorted(int(line) for line in lines if line.isdigit())

    def is_over(self, job):
        return self.run("squeue", "-h", "-j", job, check=False).strip() == ""
