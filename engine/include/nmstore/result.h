// Result<T> and Error: how every call across a folder's border says that it failed.
//
// No exception crosses a public header: bad input, a missing thing and a failing disk are Errors; an
// impossible state is an NM_CHECK, which stays on in release builds and ends the process.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace nmstore {

enum class Code : std::uint8_t {
    invalid_argument,   // the caller's input is wrong; the message names the part that is
    not_found,          // the named thing (family, backup, file …) does not exist
    conflict,           // exists already in another form, or the state forbids it
    too_large,          // over a named limit
    busy,               // held by somebody else (a data directory that is in use)
    unavailable,        // cannot be done now, may work later (disk full, shutting down)
    cancelled,          // the caller asked to stop
    deadline_exceeded,  // ran into its time limit
    limit_exceeded,     // ran into a limit on memory or work
    corruption,         // stored bytes are not what was written
    io,                 // the operating system said no
    unsupported,        // a known thing that this build or version cannot do
};

// "invalid_argument", "not_found" …: stable names for logs and API answers.
std::string_view code_name(Code code);

struct Error {
    Code code = Code::io;
    std::string message;  // "cannot do X: why", for a person; no secrets
};

[[noreturn]] inline void check_failed(const char* what, const char* file, int line) {
    std::fprintf(stderr, "nmstore: impossible state at %s:%d: %s\n", file, line, what);
    std::abort();
}

template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    // value() and error() may be asked only of a Result that holds one.
    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    const Error& error() const& { return std::get<1>(state_); }
    Error&& error() && { return std::get<1>(std::move(state_)); }

  private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }

    const Error& error() const& { return *error_; }
    Error&& error() && { return *std::move(error_); }

  private:
    std::optional<Error> error_;
};

}  // namespace nmstore

#define NM_CHECK(condition)                                                        \
    do {                                                                           \
        if (!(condition)) ::nmstore::check_failed(#condition, __FILE__, __LINE__); \
    } while (false)

// Returns from the enclosing function with the error of `expression`, a Result, if it has one.
// Cannot stand in a coroutine.
#define NM_TRY(expression)                                                      \
    do {                                                                        \
        auto&& nm_try_result = (expression);                                    \
        if (!nm_try_result.ok()) return ::nmstore::Error(nm_try_result.error()); \
    } while (false)

#define NM_CONCAT_INNER(a, b) a##b
#define NM_CONCAT(a, b) NM_CONCAT_INNER(a, b)
// NM_ASSIGN(auto x, f()): x becomes the value of f(), or the enclosing function returns f()'s error.
#define NM_ASSIGN(target, expression) NM_ASSIGN_INNER(target, expression, NM_CONCAT(nm_result_, __LINE__))
#define NM_ASSIGN_INNER(target, expression, name)             \
    auto name = (expression);                                 \
    if (!name.ok()) return ::nmstore::Error(std::move(name).error()); \
    target = std::move(name).value()
