#include "carillon/config/toml_file.h"

#include <fmt/core.h>
#include <toml++/toml.h>

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

TomlFile read_file(toml::table& root) {
  TomlFile file;
  if (const auto* endpoints = root["endpoints"].as_array()) {
    read_endpoints(*endpoints, file);
    root.erase("endpoints");
  }
  read_table(root, "", file.entries);
  return file;
}

}  // namespace

Result<TomlFile, SyntaxProblem> parse_toml_file(std::string_view text) {
  try {
    toml::table root = toml::parse(text);
    return read_file(root);
  } catch (const toml::parse_error& error) {  // how the compiled library reports
    return Err(SyntaxProblem{std::string(error.description()), error.source().begin.line});
  }
}

}  // namespace carillon::config
