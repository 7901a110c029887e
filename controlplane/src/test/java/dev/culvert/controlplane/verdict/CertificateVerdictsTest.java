// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import static dev.culvert.controlplane.verdict.CertificateYaml.CERTIFICATE;
import static dev.culvert.controlplane.verdict.CertificateYaml.KEY;
import static dev.culvert.controlplane.verdict.CertificateYaml.OTHER_KEY;
import static dev.culvert.controlplane.verdict.CertificateYaml.authorities;
import static dev.culvert.controlplane.verdict.CertificateYaml.secret;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.status.ListenerStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What listeners say of the certificates that they name. */
final class CertificateVerdictsTest {
  private static final String DOOR =
      """
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: door, namespace: shop}
      spec:
        gatewayClassName: culvert-gateway
        listeners:
          - {name: http, port: 80, protocol: HTTP}
          - {name: https, port: 443, protocol: HTTPS, tls: {%s}}
          - {name: passed, port: 444, protocol: TLS, tls: {mode: Passthrough}}
      """;

  private static final String REFS = "certificateRefs: [{name: site}]";

  private static final String CLIENTS =
      "  tls: {frontend: {default: {validation: {caCertificateRefs: [%s]}}}}\n";

  private static final String MAP = "{group: \"\", kind: ConfigMap, name: %s}";

  private final JudgedMesh mesh = new JudgedMesh();

  private ListenerStatus status(String listener) {
    return JudgedMesh.listener(mesh.gateway("door").programmed(), listener);
  }

  private List<String> listener(String listener) {
    return JudgedMesh.texts(status(listener).conditions().stream());
  }

  private String message(String type) {
    return JudgedMesh.message(status("https").conditions(), type);
  }

  private void assertUnresolved(String reason, String... why) {
    assertThat(listener("https"))
        .contains("ResolvedRefs=false " + reason, "Programmed=false Invalid");
    assertThat(message("ResolvedRefs")).contains(why);
    assertThat(listener("http")).contains("Programmed=true Programmed");
    assertThat(listener("passed")).contains("Programmed=true Programmed");
  }

  private void assertGood() {
    assertThat(listener("https"))
        .contains(
            "Accepted=true Accepted",
            "ResolvedRefs=true ResolvedRefs",
            "Programmed=true Programmed");
  }

  @Test
  void secretThatIsNotThereIsMissed() {
    mesh.apply(DOOR.formatted(REFS));
    assertUnresolved("InvalidCertificateRef", "no Secret shop/site", "gatewaySecrets");
    mesh.apply(secret("shop", "site", CERTIFICATE, KEY));
    assertGood();
    mesh.delete("Secret", "site");
    assertUnresolved("InvalidCertificateRef", "no Secret shop/site");
  }

  @Test
  void secretThatHoldsNoCertificateIsInvalid() {
    mesh.apply(DOOR.formatted(REFS) + secret("shop", "site", "Hello world", KEY));
    assertUnresolved("InvalidCertificateRef", "tls.crt");
    mesh.apply(secret("shop", "site", CERTIFICATE, "Hello world"));
    assertUnresolved("InvalidCertificateRef", "tls.key");
    mesh.apply(secret("shop", "site", CERTIFICATE, OTHER_KEY));
    assertUnresolved("InvalidCertificateRef", "tls.key is not that of tls.crt");
    mesh.apply(
        secret("shop", "site", CERTIFICATE, KEY)
            .replace("type: kubernetes.io/tls", "type: Opaque"));
    assertUnresolved("InvalidCertificateRef", "type Opaque", "kubernetes.io/tls");
    mesh.apply(secret("shop", "site", CERTIFICATE, KEY));
    assertGood();
  }

  @Test
  void listenerThatEndsTlsNamesACertificate() {
    mesh.apply(DOOR.formatted(""));
    assertUnresolved("InvalidCertificateRef", "add tls.certificateRefs");
  }

  @Test
  void oneOfSeveralIsEnoughToBeMissed() {
    mesh.apply(
        DOOR.formatted("certificateRefs: [{name: site}, {name: other}]")
            + secret("shop", "site", CERTIFICATE, KEY));
    assertUnresolved("InvalidCertificateRef", "no Secret shop/other");
  }

  @Test
  void authorityOfClientsThatIsNotThereIsMissed() {
    mesh.apply(
        DOOR.formatted(REFS)
            + CLIENTS.formatted(MAP.formatted("clients"))
            + secret("shop", "site", CERTIFICATE, KEY));
    assertUnresolved("InvalidCACertificateRef", "no ConfigMap shop/clients");
    assertThat(listener("https")).contains("Accepted=false NoValidCACertificate");
    mesh.apply(authorities("shop", "clients", "Hello world"));
    assertUnresolved("InvalidCACertificateRef", "ca.crt");
    mesh.apply(authorities("shop", "clients", CERTIFICATE));
    assertGood();
  }

  @Test
  void authorityOfClientsIsAConfigMapThatMayBeNamed() {
    mesh.apply(secret("shop", "site", CERTIFICATE, KEY));
    mesh.apply(
        DOOR.formatted(REFS) + CLIENTS.formatted("{group: \"\", kind: Secret, name: clients}"));
    assertUnresolved("InvalidCACertificateKind", "name a ConfigMap");
    assertThat(listener("https")).contains("Accepted=false NoValidCACertificate");
    mesh.apply(
        DOOR.formatted(REFS) + CLIENTS.formatted(MAP.formatted("clients, namespace: vault")));
    assertUnresolved("RefNotPermitted", "no ReferenceGrant of namespace vault");
  }

  private List<String> gateway() {
    return JudgedMesh.texts(mesh.gateway("door").conditions().stream());
  }

  @Test
  void certificateForBackendsIsMissed() {
    String backend = "  tls: {backend: {clientCertificateRef: {%s}}}\n";
    mesh.apply(DOOR.formatted(REFS));
    assertThat(gateway()).as("it names none").isEmpty();
    mesh.apply(DOOR.formatted(REFS) + backend.formatted("name: own"));
    assertThat(gateway()).containsExactly("ResolvedRefs=false InvalidClientCertificateRef");
    mesh.apply(DOOR.formatted(REFS) + backend.formatted("name: own, namespace: vault"));
    assertThat(gateway()).containsExactly("ResolvedRefs=false RefNotPermitted");
    mesh.apply(DOOR.formatted(REFS) + backend.formatted("name: own, kind: ConfigMap"));
    assertThat(gateway()).containsExactly("ResolvedRefs=false InvalidClientCertificateRef");
    mesh.apply(
        DOOR.formatted(REFS)
            + backend.formatted("name: own")
            + secret("shop", "own", CERTIFICATE, KEY));
    assertThat(gateway()).containsExactly("ResolvedRefs=true ResolvedRefs");
  }

  @Test
  void clientsThatProveNothingAreToldOf() {
    mesh.apply(
        DOOR.formatted(REFS)
            + CLIENTS
                .formatted(MAP.formatted("clients"))
                .replace("]}", "], mode: AllowInsecureFallback}"));
    assertThat(gateway())
        .containsExactly("InsecureFrontendValidationMode=true ConfigurationChanged");
    assertThat(
            JudgedMesh.message(mesh.gateway("door").conditions(), "InsecureFrontendValidationMode"))
        .contains("listener https");
    assertThat(mesh.said().lines()).anyMatch(line -> line.contains("AllowInsecureFallback"));
    mesh.apply(DOOR.formatted(REFS));
    assertThat(gateway()).isEmpty();
  }

  @Test
  void oneAuthorityOfClientsThatIsThereKeepsAListenerAccepted() {
    mesh.apply(
        DOOR.formatted(REFS)
            + CLIENTS.formatted(MAP.formatted("clients") + ", " + MAP.formatted("others"))
            + secret("shop", "site", CERTIFICATE, KEY)
            + authorities("shop", "clients", CERTIFICATE));
    assertThat(listener("https")).contains("Accepted=true Accepted");
    assertUnresolved("InvalidCACertificateRef", "no ConfigMap shop/others");
  }
}
