#include "carillon/config/load.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

#include "carillon/config/channel_layers.h"
#include "carillon/config/endpoint.h"
#include "carillon/config/env_file.h"
#include "carillon/config/nearest.h"
#include "carillon/config/schema.h"
#include "carillon/config/toml_file.h"
#include "carillon/config/url.h"

namespace carillon::config {
namespace {

constexpr size_t kFileBytesMax = 1U << 20;

// Names that are ours without being settings: the application's socket under `serve --app`, and the
// binary under test.
constexpr std::string_view kOtherNames[] = {"CARILLON_APP_SOCKET", "CARILLON_BIN"};

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Nothing when the file does not exist.
Result<std::optional<std::string>, std::string> read_text(const std::string& path) {
  errno = 0;
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<std::string>();
    return Err(std::string(std::strerror(errno)));
  }
  std::string text(kFileBytesMax + 1, '\0');
  const size_t bytes = std::fread(text.data(), 1, text.size(), file.get());
  if (std::ferror(file.get()) != 0) return Err(std::string(std::strerror(errno)));
  if (bytes > kFileBytesMax) return Err(std::string("is larger than 1 MiB"));
  text.resize(bytes);
  return std::optional(std::move(text));
}

// Where a value stands, for errors and for `carillon config`.
struct Place {
  std::string source;  // "carillon.toml:12"
  std::string name;    // "limits.ping_interval", "SECRET_KEY"; "" when the source says it all
  std::string text() const { return name.empty() ? source : source + ": " + name; }
};

class Loading {
 public:
  explicit Loading(const LoadOptions& options)
      : options_(options), sources_(schema().size()), strengths_(schema().size()) {}

  // From the weakest source to the strongest, so that what is set last is what counts, and what is
  // wrong in a weaker one is still said.
  Result<Loaded, std::vector<Error>> load() {
    load_env_file(options_.base_env_file, false);
    load_toml_file();
    load_env_file(options_.env_file, options_.is_env_file_required);
    load_environment();
    load_flags();
    settle_layer();
    check_together();
    if (!errors_.empty()) return Err(std::move(errors_));
    collect_origins();
    return std::move(loaded_);
  }

 private:
  void load_toml_file();
  void load_env_file(const std::string& path, bool is_required);
  void load_environment();
  void load_flags();
  void check_together();
  void check_directory();
  void settle_layer();
  void collect_origins();

  struct Variable {
    const std::string& name;
    const std::string& value;
    std::string source;
  };
  void set_variables(const std::vector<Variable>& variables);
  void set_shared_variable(const Variable& variable);
  void set_endpoints(const TomlFile& file);
  void set_channel_layers(const TomlFile& file);
  void set(const SettingSpec& spec, const RawValue& raw, const Place& place);
  void record(const SettingSpec& spec, const Place& place);
  int strength_of(std::string_view key) const;
  std::optional<std::string> text_of(const std::string& path, bool is_required);

  void fail(std::string code, std::string what) {
    errors_.push_back({std::move(code), std::move(what)});
  }
  Settings& settings() { return loaded_.settings; }

  const LoadOptions& options_;
  Loaded loaded_;
  std::vector<Error> errors_;
  std::vector<std::string> sources_;  // by index in the schema; empty: default
  std::vector<int> strengths_;        // of each source; 0: default
  int strength_ = 0;                  // of the source that is being read
  std::vector<std::string> endpoint_sources_;
};

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  const std::string guess = nearest(name, known);
  return guess.empty() ? std::string("`carillon config` lists all") : "did you mean " + guess + "?";
}

std::vector<std::string> all_keys() {
  std::vector<std::string> keys;
  for (const SettingSpec& spec : schema()) keys.emplace_back(spec.key);
  return keys;
}

std::vector<std::string> all_environment_names() {
  std::vector<std::string> names;
  for (const SettingSpec& spec : schema()) names.push_back(environment_name(spec));
  return names;
}

size_t index_of(const SettingSpec& spec) {
  return static_cast<size_t>(&spec - schema().data());
}

void Loading::record(const SettingSpec& spec, const Place& place) {
  sources_[index_of(spec)] = place.source == "environment" ? place.name : place.source;
  strengths_[index_of(spec)] = strength_;
}

int Loading::strength_of(std::string_view key) const {
  return strengths_[index_of(*find_setting(key))];
}

void Loading::set(const SettingSpec& spec, const RawValue& raw, const Place& place) {
  auto done = assign(spec.target(settings()), spec.rules, raw);
  if (done) {
    record(spec, place);
  } else if (spec.key == "debug" && place.name == "DEBUG") {
    // Other programs read DEBUG too (`DEBUG=express:*`): theirs must not stop this one.
    loaded_.warnings.push_back(fmt::format("{}: {}; taken as false", place.text(), done.error()));
  } else {
    fail("invalid_setting", fmt::format("{}: {}", place.text(), done.error()));
  }
}

std::optional<std::string> Loading::text_of(const std::string& path, bool is_required) {
  auto text = read_text(path);
  if (!text) {
    fail("unreadable_file", fmt::format("{}: {}; mend or move it", path, text.error()));
    return std::nullopt;
  }
  if (!text->has_value() && is_required) {
    fail("unreadable_file", fmt::format("{}: no such file; give the path of one", path));
  }
  return *std::move(text);
}

void Loading::load_toml_file() {
  ++strength_;
  if (options_.toml_file.empty()) return;
  const std::string& path = options_.toml_file;
  const auto text = text_of(path, options_.is_toml_file_required);
  if (!text) return;
  auto file = parse_toml_file(*text);
  if (!file) {
    fail("syntax", fmt::format("{}:{}: {}", path, file.error().line, file.error().what));
    return;
  }
  std::ranges::sort(file->entries, {}, &FileEntry::line);
  for (const FileEntry& entry : file->entries) {
    const Place place{fmt::format("{}:{}", path, entry.line), entry.key};
    const SettingSpec* spec = find_setting(entry.key);
    if (spec == nullptr) {
      fail("unknown_setting", fmt::format("{}: unknown setting; {}", place.text(),
                                          did_you_mean(entry.key, all_keys())));
    } else if (!entry.problem.empty()) {
      fail("invalid_setting", fmt::format("{}: {}", place.text(), entry.problem));
    } else {
      set(*spec, entry.value, place);
    }
  }
  set_endpoints(*file);
  set_channel_layers(*file);
}

void Loading::set_channel_layers(const TomlFile& file) {
  if (!file.channel_layers) return;
  const std::string& path = options_.toml_file;
  for (const FileEntry& entry : file.entries) {
    if (!is_channel_layer_key(entry.key)) continue;
    fail("invalid_setting",
         fmt::format("{}:{}: {}: stands beside [{}], which says the same; keep one of the two",
                     path, entry.line, entry.key, file.channel_layers->key));
  }
  ChannelLayers layers = read_channel_layers(*file.channel_layers);
  for (const ChannelLayerProblem& problem : layers.problems) {
    fail("invalid_setting", fmt::format("{}:{}: {}", path, problem.line, problem.what));
  }
  for (const ChannelLayerEntry& entry : layers.entries) {
    set(*find_setting(entry.key), entry.value,
        {fmt::format("{}:{}", path, entry.line), entry.name});
  }
  if (layers.hosts.empty()) return;
  settings().layer.hosts = std::move(layers.hosts);
  record(*find_setting("layer_hosts"), {fmt::format("{}:{}", path, layers.hosts_line), ""});
}

void Loading::set_endpoints(const TomlFile& file) {
  for (const FileEndpoint& table : file.endpoints) {
    std::vector<EndpointProblem> problems;
    const size_t index = apply_endpoint(table, settings().endpoints, problems);
    endpoint_sources_.resize(settings().endpoints.size());
    endpoint_sources_[index] = fmt::format("{}:{}", options_.toml_file, table.line);
    for (const EndpointProblem& problem : problems) {
      fail("invalid_endpoint",
           fmt::format("{}:{}: [[endpoints]] {}", options_.toml_file, problem.line, problem.what));
    }
  }
  for (const std::string& conflict : path_conflicts(settings().endpoints)) {
    fail("invalid_endpoint", fmt::format("{}: [[endpoints]] {}", options_.toml_file, conflict));
  }
}

void Loading::load_env_file(const std::string& path, bool is_required) {
  ++strength_;
  if (path.empty()) return;
  const auto text = text_of(path, is_required);
  if (!text) return;
  const EnvFile file = parse_env_file(*text);
  for (const EnvProblem& problem : file.problems) {
    fail("syntax", fmt::format("{}:{}: {}", path, problem.line, problem.what));
  }
  std::vector<Variable> variables;
  for (const EnvEntry& entry : file.entries) {
    variables.push_back({entry.name, entry.value, fmt::format("{}:{}", path, entry.line)});
  }
  set_variables(variables);
}

void Loading::load_environment() {
  ++strength_;
  std::vector<Variable> variables;
  for (const auto& [name, value] : options_.environment) {
    variables.push_back({name, value, "environment"});
  }
  set_variables(variables);
}

// An empty variable is as good as none: container files pass on what they do not have as "".
void Loading::set_variables(const std::vector<Variable>& variables) {
  const std::vector<std::string> names = all_environment_names();
  for (const Variable& variable : variables) {
    if (!variable.value.empty()) set_shared_variable(variable);
  }
  for (const Variable& variable : variables) {
    if (variable.value.empty()) continue;
    const Place place{variable.source, variable.name};
    const auto found = std::ranges::find(names, variable.name);
    if (found != names.end()) {
      const auto index = static_cast<size_t>(found - names.begin());
      set(schema()[index], {.text = variable.value}, place);
    } else if (variable.name.starts_with("CARILLON_") &&
               std::ranges::find(kOtherNames, variable.name) == std::end(kOtherNames)) {
      loaded_.warnings.push_back(fmt::format("{}: unknown variable, ignored; {}", place.text(),
                                             did_you_mean(variable.name, names)));
    }
  }
}

// PORT and REDIS_URL say less than the setting they stand for, so that one goes before them.
void Loading::set_shared_variable(const Variable& variable) {
  const Place place{variable.source, variable.name};
  if (variable.name == "PORT") {
    set(*find_setting("bind"), {.text = "0.0.0.0:" + variable.value}, place);
  } else if (variable.name == "REDIS_URL") {
    set(*find_setting("layer"), {.text = variable.value}, place);
    strengths_[index_of(*find_setting("layer"))] = 0;  // gives way to hosts from anywhere
  }
}

void Loading::load_flags() {
  ++strength_;
  for (const SettingSpec& spec : schema()) {
    RawValue raw;
    bool is_given = false;
    for (const auto& [key, text] : options_.flags) {
      if (key != spec.key) continue;
      is_given = true;
      raw.text = text;
      for (std::string& item : split_list(text)) raw.items.push_back(std::move(item));
    }
    raw.is_list = is_list(spec.target(settings()));
    if (is_given) set(spec, raw, {flag_name(spec), ""});
  }
}

void Loading::check_together() {
  const LimitSettings& limits = settings().limits;
  if (limits.head_bytes_max < limits.request_line_bytes_max) {
    fail("invalid_setting",
         "limits.head_bytes_max is below limits.request_line_bytes_max; a head holds its line");
  }
  if (settings().bind.empty()) {
    fail("invalid_setting", "bind: is empty; give an address such as 127.0.0.1:8000");
  }
  check_directory();
  if (settings().auth.algorithms.empty()) {
    fail("invalid_setting", "auth.algorithms: is empty; give one such as HS256");
  }
}

void forget_sentinels(LayerSettings& layer) {
  layer.sentinels.clear();
  layer.sentinel_master.clear();
}

// Of the ways to say where the layer is, the one from the strongest source counts: an address on
// the command line is not overruled by hosts in a file.
void Loading::settle_layer() {
  LayerSettings& layer = settings().layer;
  const int one = strength_of("layer");
  const int hosts = strength_of("layer_hosts");
  const int sentinels = strength_of("layer_sentinels");
  const bool is_memory = layer.url.reveal() == "memory";
  if (!layer.hosts.empty() && !layer.sentinels.empty()) {
    if (hosts == sentinels) {
      fail("invalid_setting", "layer_hosts and layer_sentinels: both are given; keep one");
    }
    if (hosts < sentinels) layer.hosts.clear();
    if (hosts > sentinels) forget_sentinels(layer);
  }
  if (is_memory && one != 0 && one == std::max(hosts, sentinels)) {
    fail("invalid_setting",
         "layer: is memory, beside layer_hosts or layer_sentinels; keep one of them");
  }
  if (one > hosts) layer.hosts.clear();
  if (is_memory && one > sentinels) forget_sentinels(layer);
  if (layer.sentinels.empty() != layer.sentinel_master.empty() && layer.hosts.empty()) {
    fail("invalid_setting",
         "layer_sentinels and layer_sentinel_master: one is not given; Sentinel needs both");
  }
}

// DATABASE_URL is Django's: what it says matters only where it is used.
void Loading::check_directory() {
  const AuthSettings& auth = settings().auth;
  const std::string& database = auth.database_url.reveal();
  if (auth.directory == "database") {
    const std::string problem = check_database_url(database);
    if (!problem.empty()) {
      fail("invalid_setting", fmt::format("auth.database_url (DATABASE_URL): {}, which "
                                          "auth.directory = database reads",
                                          database.empty() ? "is not set" : problem));
    }
  } else if (auth.directory == "http" && auth.directory_url.empty()) {
    fail("invalid_setting",
         "auth.directory_url: is not set; give the URL that auth.directory = http asks");
  }
}

void Loading::collect_origins() {
  const auto specs = schema();
  for (size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].key == "allowed_hosts") settings().allowed_hosts_given = !sources_[i].empty();
    loaded_.origins.push_back({std::string(specs[i].key),
                               sources_[i].empty() ? "default" : sources_[i],
                               printable(specs[i].target(settings()), specs[i].rules)});
  }
  endpoint_sources_.resize(settings().endpoints.size());
  for (size_t i = 0; i < endpoint_sources_.size(); ++i) {
    const EndpointSettings& endpoint = settings().endpoints[i];
    const std::string& source = endpoint_sources_[i];
    loaded_.origins.push_back(
        {"endpoints." + endpoint.name, source.empty() ? "default" : source, endpoint.path});
  }
}

}  // namespace

Result<Loaded, std::vector<Error>> load(const LoadOptions& options) {
  return Loading(options).load();
}

Pairs environment_pairs() {
  Pairs pairs;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    pairs.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return pairs;
}

}  // namespace carillon::config
