// Tokens captured from djangorestframework-simplejwt: for user 7, with kCapturedSecret, issued at
// kCapturedAt. Up to 5.5.0 the user id is an integer, from 5.5.1 on a string.
#pragma once

#include <cstdint>
#include <string_view>

namespace carillon::auth::test {

inline constexpr std::string_view kCapturedSecret = "test-secret-key-0123456789abcdef0123";
inline constexpr int64_t kCapturedAt = 1'795'374'297;

struct Captured {
  std::string_view access;   // expires 300 s later
  std::string_view refresh;  // expires a day later
  std::string_view sliding;
};

inline constexpr Captured kIntegerUser = {
    .access =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzk1Mzc0NTk"
        "3LCJpYXQiOjE3OTUzNzQyOTcsImp0aSI6IjIyYzZmMWNjYzYzYTQ3ZTQ4ZDAwZmRmMmY4YTYyODkxIiwidXNlcl9"
        "pZCI6N30.L7DWwIbZOWCm4HywaoFcDKz6GrFB_rR60Xas43n_Xf0",
    .refresh =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCIsImV4cCI6MTc5NTQ2MDY"
        "5NywiaWF0IjoxNzk1Mzc0Mjk3LCJqdGkiOiI3YTI4OWY0Yjc3MjM0MTQxODMyYzQ3N2Q2YTU1NzMyZSIsInVzZXJ"
        "faWQiOjd9.w4dTSkEzeJOy9GylIIGeRYl0lbjDOT9zDRzsNkt6FRE",
    .sliding =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoic2xpZGluZyIsImV4cCI6MTc5NTM3NDU"
        "5NywiaWF0IjoxNzk1Mzc0Mjk3LCJqdGkiOiI3MzI1NDE5YTc1YzQ0YzU4OTBmMDM1ZjQyMzY2NjI5NyIsInJlZnJ"
        "lc2hfZXhwIjoxNzk1NDYwNjk3LCJ1c2VyX2lkIjo3fQ.f3KVsFtrnEL7hu_UITBtJ1yLd7wrqmhv9CK6pgf9zYU",
};

inline constexpr Captured kTextUser = {
    .access =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzk1Mzc0NTk"
        "3LCJpYXQiOjE3OTUzNzQyOTcsImp0aSI6ImFjYTVkMGE1OWU5OTRkMTg4OTMwMjU3NDY1MWQyNjE5IiwidXNlcl9"
        "pZCI6IjcifQ.KZ0yeWNmpjqzIzju1Mmdc68HBW8kR01kFuWMeofZUSQ",
    .refresh =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCIsImV4cCI6MTc5NTQ2MDY"
        "5NywiaWF0IjoxNzk1Mzc0Mjk3LCJqdGkiOiJhMDIzYjliZTg3ZGE0Mjg5OWQ4Y2IzOGFhYTExNzEwOCIsInVzZXJ"
        "faWQiOiI3In0.QwaII9_my-aEU74VHJ_w069GvbZyOzJRpYjCyuEn_l0",
    .sliding =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoic2xpZGluZyIsImV4cCI6MTc5NTM3NDU"
        "5NywiaWF0IjoxNzk1Mzc0Mjk3LCJqdGkiOiJkMjkwNjljMGNmMzg0NDliODBmN2Q1MzQwMDg3ZTVkNCIsInJlZnJ"
        "lc2hfZXhwIjoxNzk1NDYwNjk3LCJ1c2VyX2lkIjoiNyJ9.Sa3mKH2qhcJOi2fwAT2-TvDpBr4E8DRwopnwL6tPST"
        "A",
};

// With CHECK_REVOKE_TOKEN, ISSUER "me" and AUDIENCE "ws".
inline constexpr Captured kWithParties = {
    .access =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzk1Mzc0NTk"
        "3LCJpYXQiOjE3OTUzNzQyOTcsImp0aSI6IjRiYjE2NWU4YjAxODRhYzQ5ODA2MjY5ZDNlODdmNmMxIiwidXNlcl9"
        "pZCI6IjciLCJoYXNoX3Bhc3N3b3JkIjoiQkM5NUY4NjRBNkVGQjA1QUMyQUMzQTI0OTA0NjNDOUEiLCJhdWQiOiJ"
        "3cyIsImlzcyI6Im1lIn0.PBhPr30KwiJObHZuGBBW9wAZvDtTziT7oAxKIT5UVuo",
    .refresh =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCIsImV4cCI6MTc5NTQ2MDY"
        "5NywiaWF0IjoxNzk1Mzc0Mjk3LCJqdGkiOiI4ZDU0YjM5ODA0Yjg0OTNmYTcyYTUyYWNhYzM5MDk5MCIsInVzZXJ"
        "faWQiOiI3IiwiaGFzaF9wYXNzd29yZCI6IkJDOTVGODY0QTZFRkIwNUFDMkFDM0EyNDkwNDYzQzlBIiwiYXVkIjo"
        "id3MiLCJpc3MiOiJtZSJ9.jttcfrAV_jsYgc_akRnWtEYz96szAZA1xMkfEs1UsTQ",
    .sliding =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoic2xpZGluZyIsImV4cCI6MTc5NTM3NDU"
        "5NywiaWF0IjoxNzk1Mzc0Mjk3LCJqdGkiOiI4ODg4MWIzZTczODU0NTM5OWQ2OWZiN2E2NzE3YjMwYiIsInJlZnJ"
        "lc2hfZXhwIjoxNzk1NDYwNjk3LCJ1c2VyX2lkIjoiNyIsImhhc2hfcGFzc3dvcmQiOiJCQzk1Rjg2NEE2RUZCMDV"
        "BQzJBQzNBMjQ5MDQ2M0M5QSIsImF1ZCI6IndzIiwiaXNzIjoibWUifQ.eDhOBScbWhlPdGAdyLOOcwb9ZLjN6DQ8"
        "2gPWmTELgW8",
};

}  // namespace carillon::auth::test
