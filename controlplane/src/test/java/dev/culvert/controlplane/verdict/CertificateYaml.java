// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

/** Secrets and ConfigMaps with certificates, as somebody applies them. */
final class CertificateYaml {
  private CertificateYaml() {}

  /** Valid for a hundred years, and made for nothing but this. */
  static final String CERTIFICATE =
      """
      -----BEGIN CERTIFICATE-----
      MIIBhDCCASugAwIBAgIUUHtUG3IRbQGOENY4RtAWd97XC/UwCgYIKoZIzj0EAwIw
      FzEVMBMGA1UEAwwMc2l0ZS5leGFtcGxlMCAXDTI2MTEyNzIwNTMwNFoYDzIxMjYx
      MTAzMjA1MzA0WjAXMRUwEwYDVQQDDAxzaXRlLmV4YW1wbGUwWTATBgcqhkjOPQIB
      BggqhkjOPQMBBwNCAAT2WH9RPoLK0aNfdPMPLre48i6sHpw7gJNNRuqPJhI045RS
      I/x9DbVqdD28I0rzVkNeH0qGbLiKzBzGH5EKNupro1MwUTAdBgNVHQ4EFgQUSi+/
      0taZKP43erbUiiHlHgQUU1kwHwYDVR0jBBgwFoAUSi+/0taZKP43erbUiiHlHgQU
      U1kwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAS1G/S6/v4VUlC
      YPSHognjDZzG9Zi/LVw6amD96Dye6wIgfCjkaKFhfczqWiF+u9+PqIKv3G8YQUZy
      atEFudJJGvQ=
      -----END CERTIFICATE-----
      """;

  static final String KEY =
      """
      -----BEGIN PRIVATE KEY-----
      MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgS5kVhXNjTEDzkn7v
      C/1PR0VM/OismkHeQVzAOclFnEahRANCAAT2WH9RPoLK0aNfdPMPLre48i6sHpw7
      gJNNRuqPJhI045RSI/x9DbVqdD28I0rzVkNeH0qGbLiKzBzGH5EKNupr
      -----END PRIVATE KEY-----
      """;

  static final String OTHER_KEY =
      """
      -----BEGIN PRIVATE KEY-----
      MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnyMepxJCaa/wSeEO
      mxW8Nqclt9LlCDuDEBFSDORlhhyhRANCAAR2mg3rwUPHN6nR9ITotguMWJhPIe8Q
      AQ82YQ9vDCUolGC+2F7L6ipWFQMkZTTrBY9LsqX1B4M/srB/QRpECHas
      -----END PRIVATE KEY-----
      """;

  static String secret(String namespace, String name, String certificate, String key) {
    return """
    ---
    apiVersion: v1
    kind: Secret
    metadata: {name: %s, namespace: %s}
    type: kubernetes.io/tls
    stringData:
      tls.crt: |
    %s
      tls.key: |
    %s
    """
        .formatted(
            name, namespace, certificate.indent(4).stripTrailing(), key.indent(4).stripTrailing());
  }

  static String authorities(String namespace, String name, String certificates) {
    return """
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: %s, namespace: %s}
    data:
      ca.crt: |
    %s
    """
        .formatted(name, namespace, certificates.indent(4).stripTrailing());
  }
}
