import Foundation

/// Certificates that sign themselves, with their keys: PEM, for localhost and 127.0.0.1.
///
/// Made with Python's `cryptography`: P-256; the first two are valid until 2126, the last one was until 2021.
struct TestCertificate {
    let certificate: String
    let key: String

    static let one = TestCertificate(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBTjCB9aADAgECAhRsf45k4BToBpcuzbAB/FAI+GEbZDAKBggqhkjOPQQDAjAO
            MQwwCgYDVQQDDANvbmUwIBcNMjAwMTAxMDAwMDAwWhgPMjEyNjAxMDEwMDAwMDBa
            MA4xDDAKBgNVBAMMA29uZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEf0bCsh
            e1P5U1o6Zpo3qLXY/cG1qa0reflFaQ05JffwFOJ0SZ5eldGdYQBBzEc9yDqYr3ST
            akBL5e7yhtDmxmyjLzAtMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNV
            HRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIE1EOAMZ6Tk5pgnYLIkUK7T3
            8n42RHUK01agF6+AH1v1AiEA32XoGPMQDI6ed/FibFcvo7ZTu6d4O6hxj80FWIpN
            QX4=
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfPKFyNe2uI3mu9PF
            AWXt/Hp5wGUf7SAVaeXU7ZiTwZmhRANCAARH9GwrIXtT+VNaOmaaN6i12P3Btamt
            K3n5RWkNOSX38BTidEmeXpXRnWEAQcxHPcg6mK90k2pAS+Xu8obQ5sZs
            -----END PRIVATE KEY-----

            """)
    static let other = TestCertificate(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBUjCB+aADAgECAhR/lv+hoAJnhfcF2/c8Oqlfab+0fTAKBggqhkjOPQQDAjAQ
            MQ4wDAYDVQQDDAVvdGhlcjAgFw0yMDAxMDEwMDAwMDBaGA8yMTI2MDEwMTAwMDAw
            MFowEDEOMAwGA1UEAwwFb3RoZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASQ
            2sQUo1sWvnw4Lrz3fNKaCMsqy0LgEe+6Wd/ukKgsrmYb0lMjK0wzU7zh4Y/PYha3
            ZYTrZqhcRHApkjI9789soy8wLTAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEw
            DwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAjo1eHCwUSrb26ZGO
            c+9K/jlgZqv+MI+CYdirbgER8ocCIGmBVb5xqMDwRU+0/EWsLu+soHab2Pn1VTOc
            vT80fp0v
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6PQoAr06+Kp0RjD2
            S6qA3KYL+FtexUsP1v1HvBFtmHChRANCAASQ2sQUo1sWvnw4Lrz3fNKaCMsqy0Lg
            Ee+6Wd/ukKgsrmYb0lMjK0wzU7zh4Y/PYha3ZYTrZqhcRHApkjI9789s
            -----END PRIVATE KEY-----

            """)
    static let expired = TestCertificate(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBUzCB+6ADAgECAhQk2KEjKknBqJaE1XtSvwQKOhanXjAKBggqhkjOPQQDAjAS
            MRAwDgYDVQQDDAdleHBpcmVkMB4XDTIwMDEwMTAwMDAwMFoXDTIxMDEwMTAwMDAw
            MFowEjEQMA4GA1UEAwwHZXhwaXJlZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
            BBkFkmocI+eVAqRU9MtrHnFahSkmRqBDEBWc9UN9F+BknBmoWeojyEOO4Rmsy/k3
            KDay6NAs5/O1MqoOtW+SUFWjLzAtMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAA
            ATAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIDTCgLKRCg4Ta3NX
            LSLZL5HIdOTccIdbqwO4DvjkwaCoAiBzcgqSH+PMIBn8w4ACqARwgwJuGIGkcPDK
            ucnwzuIdQQ==
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5/vcLY2z9QUr9Pou
            HCnM/3N9HUrUut4TX+cCQPgCkLahRANCAAQZBZJqHCPnlQKkVPTLax5xWoUpJkag
            QxAVnPVDfRfgZJwZqFnqI8hDjuEZrMv5Nyg2sujQLOfztTKqDrVvklBV
            -----END PRIVATE KEY-----

            """)

    /// Writes both to where they are to be.
    func write(certificate certificatePath: String, key keyPath: String) throws {
        try certificate.write(toFile: certificatePath, atomically: true, encoding: .utf8)
        try key.write(toFile: keyPath, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: keyPath)
    }
}
