#include "carillon/store/postgres.h"

#include <dlfcn.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string_view>
#include <utility>

namespace carillon::store {
namespace {

// The functions of libpq that are used, under their own names.
struct LibPq {
  decltype(&::PQconninfoParse) conninfo_parse = nullptr;
  decltype(&::PQconninfoFree) conninfo_free = nullptr;
  decltype(&::PQfreemem) freemem = nullptr;
  decltype(&::PQconnectStartParams) connect_start = nullptr;
  decltype(&::PQconnectPoll) connect_poll = nullptr;
  decltype(&::PQfinish) finish = nullptr;
  decltype(&::PQstatus) status = nullptr;
  decltype(&::PQsocket) socket = nullptr;
  decltype(&::PQerrorMessage) error_message = nullptr;
  decltype(&::PQsetNoticeProcessor) set_notice_processor = nullptr;
  decltype(&::PQsendQuery) send_query = nullptr;
  decltype(&::PQsendQueryParams) send_query_params = nullptr;
  decltype(&::PQconsumeInput) consume_input = nullptr;
  decltype(&::PQisBusy) is_busy = nullptr;
  decltype(&::PQgetResult) get_result = nullptr;
  decltype(&::PQclear) clear = nullptr;
  decltype(&::PQresultStatus) result_status = nullptr;
  decltype(&::PQresultErrorField) error_field = nullptr;
  decltype(&::PQntuples) tuple_count = nullptr;
  decltype(&::PQnfields) field_count = nullptr;
  decltype(&::PQfname) field_name = nullptr;
  decltype(&::PQgetisnull) is_null = nullptr;
  decltype(&::PQgetvalue) value = nullptr;
  decltype(&::PQgetlength) length = nullptr;
};

template <class Function>
bool find_symbol(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

bool find_symbols(void* library, LibPq& pq) {
  const auto find = [library](const char* name, auto& function) {
    return find_symbol(library, name, function);
  };
  return find("PQconninfoParse", pq.conninfo_parse) && find("PQconninfoFree", pq.conninfo_free) &&
         find("PQfreemem", pq.freemem) && find("PQconnectStartParams", pq.connect_start) &&
         find("PQconnectPoll", pq.connect_poll) && find("PQfinish", pq.finish) &&
         find("PQstatus", pq.status) && find("PQsocket", pq.socket) &&
         find("PQerrorMessage", pq.error_message) &&
         find("PQsetNoticeProcessor", pq.set_notice_processor) &&
         find("PQsendQuery", pq.send_query) && find("PQsendQueryParams", pq.send_query_params) &&
         find("PQconsumeInput", pq.consume_input) && find("PQisBusy", pq.is_busy) &&
         find("PQgetResult", pq.get_result) && find("PQclear", pq.clear) &&
         find("PQresultStatus", pq.result_status) && find("PQresultErrorField", pq.error_field) &&
         find("PQntuples", pq.tuple_count) && find("PQnfields", pq.field_count) &&
         find("PQfname", pq.field_name) && find("PQgetisnull", pq.is_null) &&
         find("PQgetvalue", pq.value) && find("PQgetlength", pq.length);
}

// Never unloaded: it has handlers and threads of its own.
Result<LibPq, Error> load_libpq() {
  void* library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
  LibPq pq;
  if (library != nullptr && find_symbols(library, pq)) return pq;
  return Err(Error{"libpq_missing",
                   "PostgreSQL is read through libpq, which is not installed; install the package "
                   "libpq5"});
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

void drop_notice(void*, const char*) {}

// Between PQconnectStartParams and PQfinish.
class PostgresConnection final : public Connection {
 public:
  PostgresConnection(const LibPq& pq, const Clock& clock, PGconn* connection)
      : pq_(pq), clock_(clock), connection_(connection) {
    pq_.set_notice_processor(connection_, drop_notice, nullptr);
  }
  ~PostgresConnection() override { pq_.finish(connection_); }
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  Result<void, Error> finish_connecting(uint64_t deadline_ms) {
    PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
    while (wanted != PGRES_POLLING_OK) {
      if (wanted == PGRES_POLLING_FAILED) return Err(unreachable());
      const short events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT;
      if (auto waited = wait(events, deadline_ms); !waited) return waited;
      wanted = pq_.connect_poll(connection_);
    }
    return {};
  }

  Result<std::optional<Row>, Error> query_one(const std::string& sql,
                                              const std::string& parameter,
                                              uint64_t deadline_ms) override {
    // The settings are the transaction's: a pooler such as pgbouncer shares the connection.
    const std::string begin = "BEGIN READ ONLY; SET LOCAL statement_timeout = " +
                              std::to_string(std::max<uint64_t>(left_ms(deadline_ms), 1));
    CARILLON_TRY(Answer begun, send(begin, deadline_ms));
    if (auto checked = check(begun); !checked) return Err(checked.error());
    CARILLON_TRY(Answer answer, send(sql, parameter, deadline_ms));
    auto row = read_row(answer);
    CARILLON_TRY(Answer ended, send("ROLLBACK", deadline_ms));
    if (auto checked = check(ended); !checked) return Err(checked.error());
    return row;
  }

  bool is_usable() override { return !is_spent_ && pq_.status(connection_) == CONNECTION_OK; }

 private:
  struct Clear {
    decltype(&::PQclear) clear;
    void operator()(PGresult* result) const { clear(result); }
  };
  using Answer = std::unique_ptr<PGresult, Clear>;

  uint64_t left_ms(uint64_t deadline_ms) const {
    return deadline_ms - std::min(deadline_ms, clock_.monotonic_ms());
  }

  Error unreachable() {
    is_spent_ = true;
    return {"database_unreachable", first_line(pq_.error_message(connection_))};
  }

  Error timeout() {
    is_spent_ = true;  // what it answers later would be taken for the next answer
    return {"database_timeout", "did not answer in time"};
  }

  Result<void, Error> wait(short events, uint64_t deadline_ms) {
    pollfd descriptor{.fd = pq_.socket(connection_), .events = events, .revents = 0};
    for (;;) {
      const auto left = static_cast<int>(std::min<uint64_t>(left_ms(deadline_ms), INT_MAX));
      const int ready = ::poll(&descriptor, 1, left);
      if (ready > 0) return {};
      if (ready == 0 || errno != EINTR) return Err(timeout());
    }
  }

  Result<Answer, Error> send(const std::string& sql, uint64_t deadline_ms) {
    if (pq_.send_query(connection_, sql.c_str()) == 0) return Err(unreachable());
    return receive(deadline_ms);
  }

  Result<Answer, Error> send(const std::string& sql,
                             const std::string& parameter,
                             uint64_t deadline_ms) {
    const char* const values[] = {parameter.c_str()};
    const int sent =
        pq_.send_query_params(connection_, sql.c_str(), 1, nullptr, values, nullptr, nullptr, 0);
    if (sent == 0) return Err(unreachable());
    return receive(deadline_ms);
  }

  // The last of a query's results, or the first that failed.
  Result<Answer, Error> receive(uint64_t deadline_ms) {
    Answer last(nullptr, Clear{pq_.clear});
    for (;;) {
      while (pq_.is_busy(connection_) != 0) {
        if (auto waited = wait(POLLIN, deadline_ms); !waited) return Err(waited.error());
        if (pq_.consume_input(connection_) == 0) return Err(unreachable());
      }
      PGresult* next = pq_.get_result(connection_);
      if (next == nullptr) break;
      if (last == nullptr || !has_failed(last.get()))
        last.reset(next);
      else
        pq_.clear(next);
    }
    if (last == nullptr) return Err(unreachable());
    return last;
  }

  bool has_failed(const PGresult* result) const {
    const ExecStatusType status = pq_.result_status(result);
    return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK;
  }

  std::string_view field(const Answer& answer, int code) const {
    const char* text = pq_.error_field(answer.get(), code);
    return text == nullptr ? std::string_view() : text;
  }

  Result<void, Error> check(const Answer& answer) {
    if (!has_failed(answer.get())) return {};
    const std::string_view state = field(answer, PG_DIAG_SQLSTATE);
    if (state.empty() || pq_.status(connection_) != CONNECTION_OK) return Err(unreachable());
    if (state == "57014") return Err(timeout());
    is_spent_ = true;
    // 57P01 to 57P04: the server goes down; 53: out of memory, disk or connections.
    const bool is_unwell = state.starts_with("57") || state.starts_with("53");
    return Err(Error{is_unwell ? "database_unreachable" : "database_query",
                     first_line(field(answer, PG_DIAG_MESSAGE_PRIMARY))});
  }

  Result<std::optional<Row>, Error> read_row(const Answer& answer) {
    const std::string_view state = field(answer, PG_DIAG_SQLSTATE);
    // "seven" for an integer, or one out of its range: there is no such row.
    if (state == "22P02" || state == "22003") return std::optional<Row>();
    if (auto checked = check(answer); !checked) return Err(checked.error());
    if (pq_.tuple_count(answer.get()) == 0) return std::optional<Row>();
    Row row;
    for (int i = 0; i < pq_.field_count(answer.get()); ++i) {
      std::optional<std::string> text;
      if (pq_.is_null(answer.get(), 0, i) == 0) {
        text.emplace(pq_.value(answer.get(), 0, i),
                     static_cast<size_t>(pq_.length(answer.get(), 0, i)));
      }
      row.columns.emplace_back(pq_.field_name(answer.get(), i), std::move(text));
    }
    return std::optional<Row>(std::move(row));
  }

  const LibPq pq_;
  const Clock& clock_;
  PGconn* const connection_;
  bool is_spent_ = false;
};

constexpr std::string_view kNoUrl =
    "is no URL of PostgreSQL; give postgresql://USER:PASSWORD@HOST:5432/DATABASE, with %40 for an "
    "@ and %2F for a / inside the password";

// A password with a raw '@' or '/' ends up in these, and libpq's errors quote them.
bool is_misread(const PQconninfoOption* options) {
  for (; options->keyword != nullptr; ++options) {
    const std::string_view keyword = options->keyword;
    const std::string_view value = options->val == nullptr ? "" : options->val;
    if (keyword == "host" && value.find('@') != std::string_view::npos) return true;
    if (keyword == "port" && value.find_first_not_of("0123456789,") != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

// libpq's own words may quote the URL, so only a harmless one is passed on.
Result<void, Error> check_url(const LibPq& pq, const std::string& url) {
  char* raw = nullptr;
  PQconninfoOption* options = pq.conninfo_parse(url.c_str(), &raw);
  if (options != nullptr) {
    const bool is_good = !is_misread(options);
    pq.conninfo_free(options);
    if (is_good) return {};
    return Err(Error{"database_url", std::string(kNoUrl)});
  }
  constexpr std::string_view kUnknownParameter = "invalid URI query parameter";
  const std::string why = raw != nullptr ? first_line(raw) : std::string();
  pq.freemem(raw);
  return Err(Error{"database_url",
                   why.starts_with(kUnknownParameter)
                       ? why + "; leave it out: libpq, which reads PostgreSQL, does not know it"
                       : std::string(kNoUrl)});
}

Result<std::unique_ptr<Connection>, Error> connect(const LibPq& pq,
                                                   const Secret& url,
                                                   const Clock& clock,
                                                   uint64_t deadline_ms) {
  const char* const keywords[] = {"dbname", "fallback_application_name", "client_encoding",
                                  nullptr};
  const char* const values[] = {url.reveal().c_str(), "carillon", "UTF8", nullptr};
  constexpr int kExpandDbname = 1;
  PGconn* raw = pq.connect_start(keywords, values, kExpandDbname);
  if (raw == nullptr) return Err(Error{"database_unreachable", "out of memory"});
  auto connection = std::make_unique<PostgresConnection>(pq, clock, raw);
  if (pq.status(raw) == CONNECTION_BAD) {
    return Err(Error{"database_unreachable", first_line(pq.error_message(raw))});
  }
  if (auto connected = connection->finish_connecting(deadline_ms); !connected) {
    return Err(connected.error());
  }
  return std::unique_ptr<Connection>(std::move(connection));
}

}  // namespace

Result<Connect, Error> postgres_connect(const Secret& url, const Clock& clock) {
  CARILLON_TRY(const LibPq pq, load_libpq());
  if (auto checked = check_url(pq, url.reveal()); !checked) return Err(checked.error());
  return Connect(
      [pq, url, &clock](uint64_t deadline_ms) { return connect(pq, url, clock, deadline_ms); });
}

}  // namespace carillon::store
