// SPDX-License-Identifier: BSD-3-Clause
// Bytes of .npy and .zip files with every field free, so that tests can lie in any of them.
#pragma once

#include <zip.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace nullcline::support {

/// Little-endian bytes of an unsigned number.
template <class Unsigned>
std::string little_endian(Unsigned value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof value; ++i)
    bytes += static_cast<char>((value >> (8 * i)) & 0xFFu);
  return bytes;
}

inline std::string bytes_of(std::initializer_list<double> values) {
  std::string bytes;
  for (const double value : values) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    bytes += little_endian(bits);
  }
  return bytes;
}

inline std::string npy_dictionary(std::string_view type, std::string_view shape,
                                  std::string_view fortran_order = "False") {
  std::string text = "{'descr': '";
  text += type;
  text += "', 'fortran_order': ";
  text += fortran_order;
  text += ", 'shape': ";
  text += shape;
  return text + ", }";
}

/// Version 1 has a header length of two bytes, the others of four.
inline std::string npy_bytes(std::string_view dictionary, std::string_view payload,
                             int version = 1) {
  std::string header(dictionary);
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  bytes += version == 1 ? little_endian(static_cast<std::uint16_t>(header.size()))
                        : little_endian(static_cast<std::uint32_t>(header.size()));
  return bytes + header + std::string(payload);
}

/// Three doubles: a small honest array.
inline std::string small_npy() {
  return npy_bytes(npy_dictionary("<f8", "(3,)"), bytes_of({1.0, -2.5, 1e300}));
}

inline std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0xEDB88320u : 0u);
  }
  return ~crc;
}

/// One member of an archive. What is not set is what the data say.
struct ZipMember {
  std::string name;
  std::string data;  ///< as stored
  std::optional<std::uint32_t> size{}, compressed_size{}, crc{};
  std::uint16_t method = 0;               ///< 0 stored, 8 deflated
  std::uint16_t flags = 0;                ///< bit 0: encrypted
  std::optional<std::uint32_t> offset{};  ///< of the local header, to make members overlap
};

/// An archive whose local and central headers tell the same, true or not.
inline std::string zip_bytes(const std::vector<ZipMember>& members) {
  std::string bytes, directory;
  for (const ZipMember& member : members) {
    const auto data_size = static_cast<std::uint32_t>(member.data.size());
    const std::string common = little_endian(std::uint16_t{20}) + little_endian(member.flags) +
                               little_endian(member.method) +
                               little_endian(std::uint32_t{0x00210000}) +
                               little_endian(member.crc.value_or(crc32(member.data))) +
                               little_endian(member.compressed_size.value_or(data_size)) +
                               little_endian(member.size.value_or(data_size)) +
                               little_endian(static_cast<std::uint16_t>(member.name.size())) +
                               little_endian(std::uint16_t{0});
    const auto offset = member.offset.value_or(static_cast<std::uint32_t>(bytes.size()));
    directory += "PK\x01\x02" + little_endian(std::uint16_t{20}) + common +
                 little_endian(std::uint16_t{0}) + little_endian(std::uint16_t{0}) +
                 little_endian(std::uint16_t{0}) + little_endian(std::uint32_t{0}) +
                 little_endian(offset) + member.name;
    bytes += "PK\x03\x04" + common + member.name + member.data;
  }
  const auto count = static_cast<std::uint16_t>(members.size());
  const auto start = static_cast<std::uint32_t>(bytes.size());
  return bytes + directory + "PK\x05\x06" + little_endian(std::uint32_t{0}) + little_endian(count) +
         little_endian(count) + little_endian(static_cast<std::uint32_t>(directory.size())) +
         little_endian(start) + little_endian(std::uint16_t{0});
}

/// An honest archive of one deflated member, by libzip.
inline std::string deflated_zip_bytes(const std::string& name, const std::string& data) {
  const auto demand = [](bool is_true) {
    if (!is_true) throw std::runtime_error("libzip cannot make the test's archive");
  };
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  demand(target != nullptr);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  demand(archive != nullptr);
  zip_source_t* content = zip_source_buffer(archive, data.data(), data.size(), 0);
  const zip_int64_t index = zip_file_add(archive, name.c_str(), content, ZIP_FL_ENC_UTF_8);
  demand(index >= 0);
  demand(zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), ZIP_CM_DEFLATE, 9) ==
         0);
  demand(zip_close(archive) == 0);
  zip_stat_t status;
  demand(zip_source_open(target) == 0 && zip_source_stat(target, &status) == 0);
  std::string bytes(status.size, '\0');
  demand(zip_source_read(target, bytes.data(), bytes.size()) ==
         static_cast<zip_int64_t>(bytes.size()));
  zip_source_close(target);
  zip_source_free(target);
  return bytes;
}

}  // namespace nullcline::support
