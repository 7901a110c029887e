// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.controlplane.source.kubernetes.ApiServer;
import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.spiffe.TrustDomain;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SecretRootTest {
  private static final TrustDomain DOMAIN = new TrustDomain("cluster.local");
  private static final String NAMESPACE = "culvert-system";

  private ApiServer server;
  private KubernetesClient client;

  @BeforeEach
  void open() throws IOException {
    server = new ApiServer();
    client = server.client();
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void leaderMakesItOnceAndAllHaveIt() throws Exception {
    CertificateAuthority leader = open(true);
    CertificateAuthority other = open(false);
    CertificateAuthority restarted = open(true);
    assertThat(other.roots()).isEqualTo(leader.roots());
    assertThat(restarted.roots()).isEqualTo(leader.roots());
  }

  @Test
  void whoDoesNotLeadWaitsForTheLeader() throws Exception {
    AtomicBoolean leads = new AtomicBoolean();
    CompletableFuture<CertificateAuthority> follower = later(leads);
    server.awaitRequests("secrets", 2);
    assertThat(follower).isNotDone();
    assertThat(server.find("v1", "secrets", NAMESPACE, SecretRoot.SECRET)).isEmpty();
    CertificateAuthority leader = open(true);
    assertThat(follower.join().roots()).isEqualTo(leader.roots());
  }

  @Test
  void ofTwoWhoThinkTheyLeadOneMakesIt() {
    CompletableFuture<CertificateAuthority> one = later(new AtomicBoolean(true));
    CompletableFuture<CertificateAuthority> two = later(new AtomicBoolean(true));
    assertThat(one.join().roots()).isEqualTo(two.join().roots());
  }

  @Test
  void apiServerThatRefusesIsWaitedFor() throws Exception {
    server.refuse("secrets", 403);
    CompletableFuture<CertificateAuthority> waiting = later(new AtomicBoolean(true));
    server.awaitRequests("secrets", 2);
    assertThat(waiting).isNotDone();
    server.accept("secrets");
    assertThat(waiting.join().roots()).hasSize(1);
  }

  @Test
  void brokenSecretStopsTheStartAndStays() throws Exception {
    open(true);
    Map<String, String> whole = data();
    for (String key : whole.keySet()) {
      write(Map.of(key, whole.get(key)));
      refused("is missing in it");
      write(Map.of(RootStore.CERTIFICATE, base64("none"), RootStore.KEY, whole.get(RootStore.KEY)));
      refused("Secret culvert-system/culvert-ca, root-cert.pem");
    }
    write(whole);
    assertThat(open(false).roots()).hasSize(1);
  }

  @Test
  void otherDomainRefused() throws Exception {
    open(true);
    assertThatExceptionOfType(ControlPlaneException.class)
        .isThrownBy(
            () ->
                SecretRoot.open(
                    client,
                    NAMESPACE,
                    new TrustDomain("elsewhere"),
                    InstantSource.system(),
                    () -> true))
        .withMessageContaining("the root is not of trust domain elsewhere");
  }

  @Test
  void lostSecretIsToldAndTheOldRootSigns() throws Exception {
    CertificateAuthority authority = open(true);
    var roots = authority.roots();
    server.delete("v1", "secrets", NAMESPACE, SecretRoot.SECRET);
    assertThatExceptionOfType(ControlPlaneException.class)
        .isThrownBy(authority::refresh)
        .withMessageContaining("is gone; its last content still signs here");
    assertThat(authority.roots()).isEqualTo(roots);
  }

  @Test
  void replacedSecretIsTakenOver() throws Exception {
    CertificateAuthority authority = open(true);
    Issuer next = SelfSigned.root(DOMAIN, Instant.now());
    write(
        Map.of(
            RootStore.CERTIFICATE, base64(Pem.of(next.certificate())),
            RootStore.KEY, base64(Pem.of(next.key()))));
    authority.refresh();
    assertThat(authority.roots()).containsExactly(next.certificate());
  }

  @Test
  void bundleIsWrittenByTheLeaderOnly() throws Exception {
    CertificateAuthority authority = open(true);
    new TrustBundle(client, NAMESPACE, authority, () -> false).run();
    assertThat(server.find("v1", "configmaps", NAMESPACE, TrustBundle.CONFIG_MAP)).isEmpty();
    new TrustBundle(client, NAMESPACE, authority, () -> true).run();
    Map<String, String> data =
        client.configMaps().inNamespace(NAMESPACE).withName(TrustBundle.CONFIG_MAP).get().getData();
    assertThat(data).isEqualTo(Map.of(RootStore.CERTIFICATE, Pem.of(authority.roots().getFirst())));
  }

  private CertificateAuthority open(boolean leads) throws InterruptedException {
    return SecretRoot.open(client, NAMESPACE, DOMAIN, InstantSource.system(), () -> leads);
  }

  private CompletableFuture<CertificateAuthority> later(AtomicBoolean leads) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return SecretRoot.open(client, NAMESPACE, DOMAIN, InstantSource.system(), leads::get);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private void refused(String message) {
    assertThatExceptionOfType(ControlPlaneException.class)
        .isThrownBy(() -> open(true))
        .withMessageContaining(message)
        .withMessageContaining("restore the Secret from a backup");
  }

  private Map<String, String> data() {
    return client.secrets().inNamespace(NAMESPACE).withName(SecretRoot.SECRET).get().getData();
  }

  private void write(Map<String, String> data) {
    StringBuilder yaml =
        new StringBuilder("apiVersion: v1\nkind: Secret\nmetadata: {name: culvert-ca, namespace: ")
            .append(NAMESPACE)
            .append("}\ndata:\n");
    data.forEach(
        (key, value) -> yaml.append("  ").append(key).append(": ").append(value).append('\n'));
    server.apply(yaml.toString());
  }

  private static String base64(String text) {
    return Base64.getEncoder()
        .encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }
}
