// Public keys and tokens for the tests, made with PyJWT and the Python package cryptography, so
// that they are another implementation's word. The private halves were thrown away.
#pragma once

#include <cstdint>
#include <string_view>

namespace carillon::jwt::test {

// Every token here was issued at kIssuedAt, with "sub":"7", and expires 300 s later.
inline constexpr int64_t kIssuedAt = 1'790'000'000;
inline constexpr std::string_view kSecret = "test-secret-key-0123456789abcdef0123";

inline constexpr std::string_view kRsaPem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvQfKKj6GEqSzmZaY8M3O\n"
    "PKeMmsmm1r6ZUYrxHIIR3OIoObMzJK4IL2YhyVmA4R5cx8U3Qq2I5mffmdX/kcEF\n"
    "4dj6Ud2BKHhvKRDsFbktn/bQkuP2EeFwIyUY7050ScjeepQP443tJl4Hhjk+6n2B\n"
    "4UAYt98w/Hoi5PomC9biYbQe9OG48pVrUEI0c4ngjX1r5kB2cOCcHkw3J/HNk75g\n"
    "KO5319R5DsrmkfoFlExZww/QZxL4EW2o2ZC4kOogZB8edDwqqgsJ+ixWb5b22/HP\n"
    "ydvg+4n1hCJcxoBBAr/fpLnoZyJaOIZQ42k32Oe/w0aYOkH/oWKj0YSMpuf56gJy\n"
    "VwIDAQAB\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kRsaJwk =
    R"({"kid":"rsa","kty":"RSA","n":"vQfKKj6GEqSzmZaY8M3OPKeMmsmm1r6ZUYrxHIIR3OIoObMzJK4IL2YhyV)"
    R"(mA4R5cx8U3Qq2I5mffmdX_kcEF4dj6Ud2BKHhvKRDsFbktn_bQkuP2EeFwIyUY7050ScjeepQP443tJl4Hhjk-6n)"
    R"(2B4UAYt98w_Hoi5PomC9biYbQe9OG48pVrUEI0c4ngjX1r5kB2cOCcHkw3J_HNk75gKO5319R5DsrmkfoFlExZww)"
    R"(_QZxL4EW2o2ZC4kOogZB8edDwqqgsJ-ixWb5b22_HPydvg-4n1hCJcxoBBAr_fpLnoZyJaOIZQ42k32Oe_w0aYOk)"
    R"(H_oWKj0YSMpuf56gJyVw","e":"AQAB"})";

inline constexpr std::string_view kWeakRsaPem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCdO2YawMqbrgX7sRpaemQvC6rh\n"
    "0ZjcY0AwQtFpuvwPSf8XPVPB/FikZPYDPsczEqfULomJcGyFDJL/AYRxix5ZLeso\n"
    "YiikN5VjBFSpdBLOH/Rtbm3g4JpDOXuQ82+dP4xF0R5BGwIj9sGmSgnDSO6/7ffJ\n"
    "eTy5E6fKFpE6L60ygQIDAQAB\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kWeakRsaJwk =
    R"({"kid":"weakrsa","kty":"RSA","n":"nTtmGsDKm64F-7EaWnpkLwuq4dGY3GNAMELRabr8D0n_Fz1TwfxYpG)"
    R"(T2Az7HMxKn1C6JiXBshQyS_wGEcYseWS3rKGIopDeVYwRUqXQSzh_0bW5t4OCaQzl7kPNvnT-MRdEeQRsCI_bBpk)"
    R"(oJw0juv-33yXk8uROnyhaROi-tMoE","e":"AQAB"})";

inline constexpr std::string_view kP256Pem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEbcVaukxnVtiElEpQ3njAHoaijfQw\n"
    "yXMC0XFouwG1H1sjRtZej/cr2C9gW4o0yipE7SYQJfVUCCC51A1Oe21L+w==\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kP256Jwk =
    R"({"kid":"p256","kty":"EC","crv":"P-256","x":"bcVaukxnVtiElEpQ3njAHoaijfQwyXMC0XFouwG1H1s")"
    R"(,"y":"I0bWXo_3K9gvYFuKNMoqRO0mECX1VAggudQNTnttS_s"})";

inline constexpr std::string_view kP384Pem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEXHEd3a8of1SaFIFiFQJcVlI0pFfMdm27\n"
    "qtQB9vY7ujPtVRq7gOtUG8wrbNJLdDkPApFXbFhDToQ9vFwLb5cY8yuMsCFRMop8\n"
    "RW3l/orVybcS2rZk35ukLImemmrSOP58\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kP384Jwk =
    R"({"kid":"p384","kty":"EC","crv":"P-384","x":"XHEd3a8of1SaFIFiFQJcVlI0pFfMdm27qtQB9vY7ujPt)"
    R"(VRq7gOtUG8wrbNJLdDkP","y":"ApFXbFhDToQ9vFwLb5cY8yuMsCFRMop8RW3l_orVybcS2rZk35ukLImemmrSO)"
    R"(P58"})";

inline constexpr std::string_view kP521Pem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBw0pNUpGzD5vsxWIsu3tlD0wfECoy\n"
    "A8CpQMjz9OPP3DcBHDYL/638VMd+vq5R16NEwsaEdG+1uPytR4MawDza/WYBzZFO\n"
    "FVlbFD0hI38SIRdt3xdOpEf4fSr+qDm7OrMytKJGv0LZDvRPiZ5Xce7z5N162bcM\n"
    "IrRYdkUc8nsC2BnO5Xo=\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kP521Jwk =
    R"({"kid":"p521","kty":"EC","crv":"P-521","x":"AcNKTVKRsw-b7MViLLt7ZQ9MHxAqMgPAqUDI8_Tjz9w3)"
    R"(ARw2C_-t_FTHfr6uUdejRMLGhHRvtbj8rUeDGsA82v1m","y":"Ac2RThVZWxQ9ISN_EiEXbd8XTqRH-H0q_qg5u)"
    R"(zqzMrSiRr9C2Q70T4meV3Hu8-Tdetm3DCK0WHZFHPJ7AtgZzuV6"})";

inline constexpr std::string_view kEd25519Pem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAIR+Z7a3KmrbndSwsu6aci4oCctKgYKphkGbVgCkU3Nk=\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kEd25519Jwk =
    R"({"kid":"ed25519","x":"IR-Z7a3KmrbndSwsu6aci4oCctKgYKphkGbVgCkU3Nk","kty":"OKP","crv":"Ed)"
    R"(25519"})";

inline constexpr std::string_view kEd448Pem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MEMwBQYDK2VxAzoA6QK/Gu2KpWd8bSUZ/1mtUSiSV1JTEX00BzmTikVGGJh1yyw5\n"
    "eenEGLRMmfaq9R1LIed1DVz86DCA\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kEd448Jwk =
    R"({"kid":"ed448","x":"6QK_Gu2KpWd8bSUZ_1mtUSiSV1JTEX00BzmTikVGGJh1yyw5eenEGLRMmfaq9R1LIed1)"
    R"(DVz86DCA","kty":"OKP","crv":"Ed448"})";

inline constexpr std::string_view kRs256Token =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiZXhwIjoxNzkwMDA"
    "wMzAwLCJpYXQiOjE3OTAwMDAwMDB9.hseY5rur2oqhU8lo4OEseIr8F9ig5aNYKmz7cgMXY3Mb3DSUEsYT_m"
    "N8RIstPYkx1t6gPRgvqeYZV99UqCmo0nys48-JUP5jMhWxIhDcv1__ut_-mPfjPgkv97ImSrlNxRvu5G-8L3"
    "gisZch9hM5YQC__ji4O32lkwdR6rfsCRwxL4DQzlcJDcZtgTApf9LxbpCY3lSBpugNeNX7YXKkt85UrFoLY-"
    "Vo3LtffdJnd3XwH5Dh9Ehednsiq_u5QM2RDmFPXpaVlDFu2qXUVHu2if9kj_AfWWkmqXFezXkNOc0yM16aIo"
    "ooddsx__y4C4kYu94ZQka5Ia0Gui3wZ5Bnbw";

inline constexpr std::string_view kRs384Token =
    "eyJhbGciOiJSUzM4NCIsImtpZCI6InJzYSIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiZXhwIjoxNzkwMDA"
    "wMzAwLCJpYXQiOjE3OTAwMDAwMDB9.vKYgv_U-w4z1l2XoxRSwJ2P73PmLSygvI7rTgcLiO0qecN2DMZJBUa"
    "Noh5X_SMxC3fLJq7e-kaBksDKU4Xl1zCwa8XCNeEELSsJbVCrRfyL4n1yMwkE7_LGH__m4SZWKmImx2naq-m"
    "VKhHlUpwAjSc4K8fy5lS7TxEfs_TloWvUntSJQTHgG0Tpxu11clQW7uf2ZGV9ZsHlT3yA3f9j2qoqeAsBQwh"
    "RRAnpqjhyckgut-QKB-MzZeQh6CFznQp37SndhMlNKjFooiIeHH3Z2hesNJR-aT2yqqp29zGH9xNJrtTCIBN"
    "pFwobB6-VuG9WTluA9_-O9TXeZlTPb4oFDLQ";

inline constexpr std::string_view kRs512Token =
    "eyJhbGciOiJSUzUxMiIsImtpZCI6InJzYSIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiZXhwIjoxNzkwMDA"
    "wMzAwLCJpYXQiOjE3OTAwMDAwMDB9.qiKpDpAaohmijelURHxS0rUUaEXu78_ueE44ihPHf3NlS_W8SYiaYY"
    "PV9Tc3pM6yHVNJnHkzPqcQ9V9OJcInWlFuZ5BuGMdSKVWfwVIO4vZQXNQ9o-d03RwLxpgITw2TBxoTuiTPmU"
    "ULomTskquSG-Xb2DHH6gBbOx-W4cfxTnGpNSUVyobEmiSbndRns8ImzBitG9Xe9qMOm83r6jyx1r64nsEESY"
    "hK47uckzAufnyrfuVAUX8cezTpBSlb5ihs9DGFimd4Bb087yXH4275Q1oD4EptH00eNSFXyMEwQMnwwZCawd"
    "J4MAdnIz5TCWIKnN8GuiPtfyqFj3bNpytqSA";

inline constexpr std::string_view kPs256Token =
    "eyJhbGciOiJQUzI1NiIsImtpZCI6InJzYSIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiZXhwIjoxNzkwMDA"
    "wMzAwLCJpYXQiOjE3OTAwMDAwMDB9.M4oKLfPBxWVKiQatCSSVatS4nMYd6apD0wLJRzxDN1dOujfg-Qz81d"
    "y6yjZ5MDQX9lG9ZYtCLVXvMAkm5b_DfhC8SvsioKYY8sRYuumZ0Qv07diku3916SjkSfz3VB4qgp60u84bt1"
    "VNUqMsrLL_ELbVC24OHY9om2pYS1xcziLTWDDfEpQexBZNIEROBkDzxhXHLdoK_JXMifVasRsUNEkA-gtUXx"
    "1YNr1BTdxJdsRwxSnftDpc1rSnFLE-BHuCmN0cUB4g8EWfWvM7Qj1pKRfZe72Rc37QZsxhyaGylS1FAsMRQj"
    "b4CTEr1_AMq_aV2Y3WAvjn4Y5jp51vLd9yZQ";

inline constexpr std::string_view kPs384Token =
    "eyJhbGciOiJQUzM4NCIsImtpZCI6InJzYSIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiZXhwIjoxNzkwMDA"
    "wMzAwLCJpYXQiOjE3OTAwMDAwMDB9.nATtADwxuCvt_TrZS5RGnWgohRjaG18d-Hd0HmNVd8fI7kHYR-PuHN"
    "LCE6rdeHoZDhjoIYjYdxEVvT5dcFmy3ypoJpZBvBL9hzts99DSkUeM6tWaWUzVeEGwwqhvv4yIMzYaN_QncY"
    "gnfRnhI0v2Ln5EFI2sCdZNGutn0jQAf6Xgk4Upk-uvulb4UnmIy-ABkH84AuTWoOj4ZiTVWtc_p0MtiEI4iG"
    "CYnv6Trfa0ItP4o3iXfKKVZ20zxLMufOKrswwD7YbtbBbQIK_mSmo0sYuAQA78439a_HCUxs81R76mRmVLDl"
    "nSYLfZ41LZNl-eEr5PFcbaEDsp1L6Fri_90Q";

inline constexpr std::string_view kPs512Token =
    "eyJhbGciOiJQUzUxMiIsImtpZCI6InJzYSIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiZXhwIjoxNzkwMDA"
    "wMzAwLCJpYXQiOjE3OTAwMDAwMDB9.Z29mmP6fM604LbilY4eYZgUn8h2TicN3zpdj9wyRQxCKUvTEwY2zLI"
    "hQ60d19jNa8oJN2qg4BCeaOrn_W8zDl_60kJxD5vBd6NqYgy3v4hrRX1WdrTBWucD_xOwFAsHIVg44N91w7v"
    "bjWuA7gcPG_iN8hbe69W_CrbztsQUJv812TQDW1S6-eP0GPuTkbMWbtPjc4s8b3mF7gqU66U4Z-TWxm9FYQ6"
    "JLhzgkOD4MfGlO2YoyiefghTzbap_hRZA5nHmrD0f9WmsUyP1XkWTWBFOxrs1x_UkXdNfXqTyEgr3Xvd0P4m"
    "7qkel2lCHIGlcIq5FBQkoSPdaTOp0dKiXqmA";

inline constexpr std::string_view kEs256Token =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6InAyNTYiLCJ0eXAiOiJKV1QifQ.eyJzdWIiOiI3IiwiZXhwIjoxNzkwM"
    "DAwMzAwLCJpYXQiOjE3OTAwMDAwMDB9.CU90Lu8fB5gE6r8HfECRyen3ytctSuFdCVrZWyJLGNMAWDqgrrEh"
    "xvXXMKWmYz1cFAWz5WO9RnmE2M4150xRyQ";

inline constexpr std::string_view kEs384Token =
    "eyJhbGciOiJFUzM4NCIsImtpZCI6InAzODQiLCJ0eXAiOiJKV1QifQ.eyJzdWIiOiI3IiwiZXhwIjoxNzkwM"
    "DAwMzAwLCJpYXQiOjE3OTAwMDAwMDB9.i8kDJtRWliL1XyjdPDuy4QWzCJIkIJdC5MmxRT4qA3EQ44E_VS6v"
    "y1C8WOy5G4IQEm73Qe5EGD6k0BEvok-t40knGHnbj_H3RQ_5V01Si0MZcqYDHCVoMl8MsPrbquRm";

inline constexpr std::string_view kEs512Token =
    "eyJhbGciOiJFUzUxMiIsImtpZCI6InA1MjEiLCJ0eXAiOiJKV1QifQ.eyJzdWIiOiI3IiwiZXhwIjoxNzkwM"
    "DAwMzAwLCJpYXQiOjE3OTAwMDAwMDB9.Ae2Gv3DpucgjhOr5tSPtpgiXOKaG1IgVa8tmRYDL1PvSN5tpZKP9"
    "6rLPq9O3HC2fVWAMTQ-S04li-V2wxSZMpwxuABHNU2VKkXFVmw1aEcZU8yb7UsES_k-RBZd0WLdupDWSGDpn"
    "3KKJaYX58-v3KYirTuPV3DZb-CJTZ6D46XIFoKe4";

inline constexpr std::string_view kEd25519Token =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImVkMjU1MTkiLCJ0eXAiOiJKV1QifQ.eyJzdWIiOiI3IiwiZXhwIjoxN"
    "zkwMDAwMzAwLCJpYXQiOjE3OTAwMDAwMDB9.xT6J5heWlgzSX99rVp8L-jngnnohSiQBb6d6Zesi8zltXC68"
    "068xTIxQ585-XpRV4aPEgBzoqsC2V7LFkLrEAA";

inline constexpr std::string_view kEd448Token =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImVkNDQ4IiwidHlwIjoiSldUIn0.eyJzdWIiOiI3IiwiZXhwIjoxNzkw"
    "MDAwMzAwLCJpYXQiOjE3OTAwMDAwMDB9.LZsntGh4qTKwYiKnm0F5US81B8OzFWz9Of9ozUKivIJ-MBOxCcl"
    "7QW9xlLTFI6ldIFAWb03gZkYAml96F6VfVujF_JYg3iCjC4YWVuKaREf4G61O7Ef7DPs0LEOjg3jXbRcb4vz"
    "2BVOcLRwUmfrblBoA";

inline constexpr std::string_view kHs256Token =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiZXhwIjoxNzkwMDAwMzAwLCJpYXQiOjE"
    "3OTAwMDAwMDB9.QTce_d0b3_Ho6f6DaWfa-kywWRvUNr3HwR-2HMsXigo";

inline constexpr std::string_view kHs384Token =
    "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiZXhwIjoxNzkwMDAwMzAwLCJpYXQiOjE"
    "3OTAwMDAwMDB9.1-3-9G3aMyFfgm7cn34i5DzygcxsBeFQ9hIWL7S9rGrSEgKvrqPoA4mudArrPyJs";

inline constexpr std::string_view kHs512Token =
    "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiZXhwIjoxNzkwMDAwMzAwLCJpYXQiOjE"
    "3OTAwMDAwMDB9.7ccwpIhYSIEVl0ebtv9cPr9wwf1r1_jBzFmus3S8YWjn9ZEWPCuIrxxid8yr4j56Rpp5zf"
    "Wuw7OanWV9XbhPWw";

// HS256 with the text of kRsaPem as its secret (RFC 8725 §2.1).
inline constexpr std::string_view kConfusedToken =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiZXhwIjoxNzkwMDAwMzAwLCJpYXQiOjE"
    "3OTAwMDAwMDB9.MggkRDiGLodP9jdW5_86A4aYP9hi0b4-uguOEerN01I";

}  // namespace carillon::jwt::test
