// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/internal/hdf5_links.hpp"

#include <fmt/format.h>

#include "nullcline/core/error.hpp"
#include "nullcline/io/internal/hdf5_heap.hpp"

namespace nullcline::io::internal {

namespace {

/// The groups of HDF5's first versions: a B-tree of nodes of symbols, whose names are in a heap.
class SymbolTable {
 public:
  SymbolTable(Hdf5File& file, std::uint64_t heap, std::size_t max_links)
      : file_(file), max_links_(max_links) {
    Fields header = file.fields("the local heap", heap, 32);
    header.expect("HEAP");
    header.take(4);
    const std::uint64_t size = header.number(8);
    header.take(8);  // free space
    Fields data = file.fields("the local heap", header.address(), size);
    names_ = data.take(size);
  }

  void read_node(std::uint64_t address) { read_node(address, kAnyLevel); }
  std::vector<Link> take_links() { return std::move(links_); }

 private:
  static constexpr std::uint64_t kAnyLevel = 256;

  void read_node(std::uint64_t address, std::uint64_t level_above) {
    Fields header = file_.fields("the B-tree", address, 24);
    header.expect("TREE");
    if (header.number(1) != 0) header.refuse("is no group's");
    const std::uint64_t level = header.number(1), n_children = header.number(2);
    if (level >= level_above) header.refuse("its levels do not fall");
    Fields entries = file_.fields("the B-tree", address + 24, n_children * 16);
    for (std::uint64_t i = 0; i < n_children; ++i) {
      entries.take(8);  // key
      const std::uint64_t child = entries.address();
      if (level > 0)
        read_node(child, level);
      else
        read_symbols(child);
    }
  }

  void read_symbols(std::uint64_t address) {
    Fields header = file_.fields("the symbol node", address, 8);
    header.expect("SNOD");
    header.take(2);
    const std::uint64_t n_symbols = header.number(2);
    Fields symbols = file_.fields("the symbol node", address + 8, n_symbols * 40);
    for (std::uint64_t i = 0; i < n_symbols; ++i) {
      const std::uint64_t name = symbols.number(8), object = symbols.address();
      constexpr std::uint64_t kSoftLink = 2;
      const bool is_hard = symbols.number(4) != kSoftLink;
      symbols.take(20);
      const std::size_t end =
          name < names_.size() ? names_.find('\0', static_cast<std::size_t>(name)) : names_.npos;
      if (end == names_.npos) symbols.refuse("a name lies outside the heap");
      if (links_.size() >= max_links_)
        throw FormatError(fmt::format("{}: holds more than {} objects", file_.what(), max_links_));
      const auto begin = static_cast<std::size_t>(name);
      links_.push_back({names_.substr(begin, end - begin), object, is_hard});
    }
  }

  Hdf5File& file_;
  std::size_t max_links_;
  std::string names_;
  std::vector<Link> links_;
};

Link read_link(const std::string& message, const std::string& what) {
  Fields fields(message, what + ": a link");
  if (fields.number(1) != 1) fields.refuse("has an unknown version");
  const std::uint64_t flags = fields.number(1);
  const bool is_hard = (flags & 0x08) == 0 || fields.number(1) == 0;
  if ((flags & 0x04) != 0) fields.take(8);  // creation order
  if ((flags & 0x10) != 0) fields.take(1);  // character set
  const std::uint64_t length = fields.number(std::size_t{1} << (flags & 3));
  Link link{std::string(fields.take(length)), kUndefined, is_hard};
  if (is_hard) link.address = fields.address();
  return link;
}

}  // namespace

bool is_group(const ObjectHeader& header) {
  return header.find(MessageType::symbol_table) != nullptr ||
         header.find(MessageType::link_info) != nullptr;
}

std::vector<Link> read_links(Hdf5File& file, const ObjectHeader& header, std::size_t max_links) {
  if (const Message* message = header.find(MessageType::symbol_table)) {
    Fields fields(message->bytes, file.what() + ": a group");
    const std::uint64_t tree = fields.address();
    SymbolTable table(file, fields.address(), max_links);
    table.read_node(tree);
    return table.take_links();
  }
  std::vector<Link> links;
  for (const Message& message : header.messages)
    if (message.type == MessageType::link) links.push_back(read_link(message.bytes, file.what()));
  if (const Message* info = header.find(MessageType::link_info)) {
    Fields fields(info->bytes, file.what() + ": a group");
    fields.take(1);
    if ((fields.number(1) & 1) != 0) fields.take(8);  // largest creation index
    const std::uint64_t heap_address = fields.address(), tree = fields.address();
    if (heap_address != kUndefined) {
      FractalHeap heap(file, heap_address);
      for (const std::string& record :
           read_records(file, tree, 4 + heap.id_size(), max_links))  // hash, identifier
        links.push_back(read_link(heap.object(std::string_view(record).substr(4)), file.what()));
    }
  }
  if (links.size() > max_links)
    throw FormatError(fmt::format("{}: holds more than {} objects", file.what(), max_links));
  return links;
}

}  // namespace nullcline::io::internal
