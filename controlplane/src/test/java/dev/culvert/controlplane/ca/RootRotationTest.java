// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.controlplane.source.kubernetes.ApiServer;
import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RootRotationTest {
  private static final TrustDomain DOMAIN = new TrustDomain("cluster.local");
  private static final String NAMESPACE = "culvert-system";
  private static final Duration LONGEST = Duration.ofHours(24);
  private static final Duration STEP = LONGEST.plusMinutes(10);

  private ApiServer server;
  private KubernetesClient client;
  private Instant now = Instant.now();
  private boolean leads = true;
  private CertificateAuthority authority;
  private RootRotation rotation;
  private X509Certificate first;

  @BeforeEach
  void open() throws Exception {
    server = new ApiServer();
    client = server.client();
    authority = SecretRoot.open(client, NAMESPACE, DOMAIN, () -> now, () -> true);
    rotation = RootRotation.of(client, NAMESPACE, DOMAIN, LONGEST, () -> now, () -> leads);
    first = authority.roots().getFirst();
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void nextRootIsTrustedBeforeItSignsAndTheLastOneAfter() throws Exception {
    askForAnother();
    turn();
    assertThat(authority.roots()).hasSize(2).startsWith(first);
    assertThat(signer()).isEqualTo(first);
    X509Certificate next = authority.roots().getLast();

    now = now.plus(STEP);
    turn();
    assertThat(authority.roots()).containsExactly(next, first);
    assertThat(signer()).isEqualTo(next);

    now = now.plus(STEP);
    turn();
    assertThat(authority.roots()).containsExactly(next);
    assertThat(secret().getData()).containsOnlyKeys(RootStore.CERTIFICATE, RootStore.KEY);
  }

  @Test
  void whatWasSignedBeforeAStepIsVerifiedAfterIt() throws Exception {
    askForAnother();
    turn();
    SignedChain before = leaf();
    now = now.plus(STEP);
    turn();
    assertThat(authority.roots()).contains(signerOf(before));
    SignedChain after = leaf();
    assertThat(before.roots()).contains(signerOf(after));
    now = now.plus(STEP);
    assertThat(before.leaf().getNotAfter().toInstant()).isBefore(now);
  }

  @Test
  void stepIsNotMadeBeforeEverybodyHasRenewed() throws Exception {
    askForAnother();
    turn();
    List<X509Certificate> roots = authority.roots();
    now = now.plus(LONGEST);
    turn();
    assertThat(authority.roots()).isEqualTo(roots);
  }

  @Test
  void oneQuestionIsOneChange() throws Exception {
    askForAnother();
    for (int turn = 0; turn < 6; turn++) {
      turn();
      now = now.plus(STEP);
    }
    assertThat(secret().getMetadata().getAnnotations()).doesNotContainKey(RootSecret.ROTATE);
    assertThat(authority.roots()).hasSize(1).doesNotContain(first);
  }

  @Test
  void rootThatGrowsOldIsFollowedUnasked() throws Exception {
    now = first.getNotAfter().toInstant().minus(Duration.ofDays(731));
    turn();
    assertThat(authority.roots()).containsExactly(first);
    now = now.plus(Duration.ofDays(2));
    turn();
    assertThat(authority.roots()).hasSize(2);
    assertThat(authority.roots().getLast().getNotAfter().toInstant())
        .isAfter(now.plus(Duration.ofDays(3649)));
  }

  @Test
  void restartGoesOnWhereTheChangeWas() throws Exception {
    askForAnother();
    turn();
    now = now.plus(STEP);
    var other = RootRotation.of(client, NAMESPACE, DOMAIN, LONGEST, () -> now, () -> true);
    other.run();
    turn();
    assertThat(authority.roots()).hasSize(2).endsWith(first);
  }

  @Test
  void onlyTheLeaderMakesAStep() throws Exception {
    leads = false;
    askForAnother();
    turn();
    assertThat(authority.roots()).containsExactly(first);
  }

  @Test
  void stepWhoseBeginningIsNotKnownBeginsAnew() throws Exception {
    askForAnother();
    turn();
    edit(secret -> secret.editMetadata().removeFromAnnotations(RootSecret.SINCE).endMetadata());
    now = now.plus(STEP);
    turn();
    assertThat(signer()).isEqualTo(first);
    now = now.plus(STEP);
    turn();
    assertThat(signer()).isNotEqualTo(first);
  }

  @Test
  void brokenNextRootIsToldAndTheOldOneSigns() throws Exception {
    askForAnother();
    turn();
    edit(secret -> secret.removeFromData(RootSecret.NEXT_KEY));
    now = now.plus(STEP);
    assertThatExceptionOfType(ControlPlaneException.class)
        .isThrownBy(rotation::run)
        .withMessageContaining("next-key.pem is missing in it");
    assertThatExceptionOfType(ControlPlaneException.class).isThrownBy(authority::refresh);
    assertThat(signer()).isEqualTo(first);
  }

  @Test
  void writeOfAnotherInBetweenIsNotLost() throws Exception {
    askForAnother();
    server.refuse("secrets", 409);
    assertThatExceptionOfType(ControlPlaneException.class)
        .isThrownBy(authority::refresh)
        .withMessageContaining("its last content still signs here");
    rotation.run();
    server.accept("secrets");
    assertThat(secret().getMetadata().getAnnotations()).containsKey(RootSecret.ROTATE);
    turn();
    assertThat(authority.roots()).hasSize(2);
  }

  private void turn() {
    rotation.run();
    authority.refresh();
  }

  private X509Certificate signer() {
    return signerOf(leaf());
  }

  private static X509Certificate signerOf(SignedChain chain) {
    return chain.roots().stream()
        .filter(root -> isSignedBy(root, chain.leaf()))
        .findFirst()
        .orElseThrow();
  }

  private static boolean isSignedBy(X509Certificate root, X509Certificate leaf) {
    try {
      leaf.verify(root.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private SignedChain leaf() {
    SpiffeId web = SpiffeId.workload(DOMAIN, "shop", "web");
    SigningRequest request = new SigningRequest(KeyPairs.generate().getPublic(), "");
    return authority.workload(request, web, LONGEST);
  }

  private void askForAnother() {
    edit(
        secret ->
            secret.editMetadata().addToAnnotations(Map.of(RootSecret.ROTATE, "now")).endMetadata());
  }

  private void edit(UnaryOperator<SecretBuilder> change) {
    client.resource(change.apply(new SecretBuilder(secret())).build()).update();
  }

  private Secret secret() {
    return client.secrets().inNamespace(NAMESPACE).withName(SecretRoot.SECRET).get();
  }
}
