#include "carillon/config/toml_file.h"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>

namespace carillon::config {
namespace {

uint32_t line_of(const toml::node& node) {
  return node.source().begin.line;
}

// Numbers and switches become the text that they would be in the environment, so that there is one
// reader for all spellings.
bool read_scalar(const toml::node& node, std::string& out) {
  if (const auto* text = node.as_string()) {
    out = text->get();
  } else if (const auto* integer = node.as_integer()) {
    out = fmt::format("{}", integer->get());
  } else if (const auto* number = node.as_floating_point()) {
    out = fmt::format("{}", number->get());
  } else if (const auto* boolean = node.as_boolean()) {
    out = boolean->get() ? "true" : "false";
  } else {
    return false;
  }
  return true;
}

FileEntry read_entry(std::string key, const toml::node& node) {
  FileEntry entry{.key = std::move(key), .value = {}, .line = line_of(node), .problem = {}};
  const auto* list = node.as_array();
  if (list == nullptr) {
    if (!read_scalar(node, entry.value.text)) entry.problem = "takes no date, time or table";
    return entry;
  }
  entry.value.is_list = true;
  for (const toml::node& item : *list) {
    if (!read_scalar(item, entry.value.items.emplace_back())) {
      entry.problem = "takes a list of plain values";
    }
  }
  return entry;
}

void read_table(const toml::table& table, const std::string& prefix, std::vector<FileEntry>& out) {
  for (const auto& [key, node] : table) {
    std::string name = prefix + std::string(key.str());
    const auto* section = node.as_table();
    if (section != nullptr && prefix.empty()) {
      read_table(*section, name + '.', out);
    } else {
      out.push_back(read_entry(std::move(name), node));
    }
  }
}

void read_endpoints(const toml::array& tables, TomlFile& file) {
  for (const toml::node& node : tables) {
    FileEndpoint endpoint{.entries = {}, .line = line_of(node)};
    if (const auto* table = node.as_table()) {
      for (const auto& [key, value] : *table) {
        endpoint.entries.push_back(read_entry(std::string(key.str()), value));
      }
    }
    file.endpoints.push_back(std::move(endpoint));
  }
}

// The library sorts the members of a table; where each stands is their order.
bool stands_before(const toml::node* a, const toml::node* b) {
  const toml::source_position& first = a->source().begin;
  const toml::source_position& second = b->source().begin;
  return first.line != second.line ? first.line < second.line : first.column < second.column;
}

FileValue read_value(std::string key, const toml::node& node) {
  FileValue value{.key = std::move(key), .line = line_of(node)};
  if (const auto* list = node.as_array()) {
    value.kind = FileValue::Kind::kList;
    for (const toml::node& item : *list) value.items.push_back(read_value("", item));
  } else if (const auto* table = node.as_table()) {
    value.kind = FileValue::Kind::kTable;
    std::vector<std::pair<const toml::node*, std::string>> members;
    for (const auto& [name, member] : *table) members.emplace_back(&member, name.str());
    std::ranges::stable_sort(members, stands_before, [](const auto& each) { return each.first; });
    for (auto& [member, name] : members) value.items.push_back(read_value(name, *member));
  } else if (!read_scalar(node, value.text)) {
    value.text = "a date";
  }
  return value;
}

TomlFile read_file(toml::table& root) {
  TomlFile file;
  for (const std::string_view name : {"channel_layers", "CHANNEL_LAYERS"}) {
    const auto node = root[name];
    if (!node) continue;
    file.channel_layers = read_value(std::string(name), *node.node());
    root.erase(name);
  }
  if (const auto* endpoints = root["endpoints"].as_array()) {
    read_endpoints(*endpoints, file);
    root.erase("endpoints");
  }
  read_table(root, "", file.entries);
  return file;
}

}  // namespace

const FileValue* FileValue::find(std::string_view member) const {
  const auto found = std::ranges::find(items, member, &FileValue::key);
  return found == items.end() ? nullptr : &*found;
}

Result<TomlFile, SyntaxProblem> parse_toml_file(std::string_view text) {
  try {
    toml::table root = toml::parse(text);
    return read_file(root);
  } catch (const toml::parse_error& error) {  // how the compiled library reports
    return Err(SyntaxProblem{std::string(error.description()), error.source().begin.line});
  }
}

}  // namespace carillon::config
