// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.controlplane.state.StateFolder;
import dev.culvert.policy.spiffe.TrustDomain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootStoreTest {
  private static final TrustDomain DOMAIN = new TrustDomain("cluster.local");

  @TempDir private Path folder;
  private StateFolder state;

  @BeforeEach
  void open() {
    state = StateFolder.open(folder);
  }

  @AfterEach
  void close() {
    state.close();
  }

  @Test
  void firstStartMakesRoot() throws Exception {
    X509Certificate root = root().roots().getFirst();
    assertThat(root.getBasicConstraints()).isNotNegative();
    assertThat(root.getKeyUsage()[5]).isTrue();
    Duration life =
        Duration.between(root.getNotBefore().toInstant(), root.getNotAfter().toInstant());
    assertThat(life.toDays()).isEqualTo(3650);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key())))
        .isEqualTo("rw-------");
    try (var files = Files.list(folder)) {
      assertThat(files).noneMatch(file -> file.toString().endsWith(".draft"));
    }
  }

  @Test
  void restartKeepsRoot() {
    assertThat(root().roots().getFirst()).isEqualTo(root().roots().getFirst());
  }

  @Test
  void crashBetweenTheTwoFilesRefused() throws Exception {
    root();
    byte[] key = Files.readAllBytes(key());
    Files.delete(certificate());
    refused(certificate(), "missing while its other half is there");
    assertThat(key()).hasBinaryContent(key);
  }

  @Test
  void lostKeyRefused() throws Exception {
    root();
    Files.delete(key());
    refused(key(), "missing while its other half is there");
    assertThat(key()).doesNotExist();
  }

  @Test
  void garbledKeyRefused() throws Exception {
    root();
    for (String garbled : new String[] {"", "garbage", half(key()), pem("PRIVATE KEY", "AAAA")}) {
      Files.writeString(key(), garbled);
      refused(key(), "restore both root files from a backup");
      assertThat(key()).hasContent(garbled);
    }
  }

  @Test
  void garbledCertificateRefused() throws Exception {
    root();
    for (String garbled :
        new String[] {"", "\n", half(certificate()), pem("CERTIFICATE", "MAA=")}) {
      Files.writeString(certificate(), garbled);
      refused(certificate(), "restore both root files from a backup");
    }
  }

  @Test
  void keyOfAnotherRootRefused(@TempDir Path other) throws Exception {
    root();
    try (StateFolder foreign = StateFolder.open(other)) {
      RootStore.open(foreign, DOMAIN, InstantSource.system());
    }
    Files.writeString(key(), Files.readString(other.resolve(RootStore.KEY)));
    refused(key(), "is not the key of");
  }

  @Test
  void keyThatOthersCanReadRefused() throws Exception {
    root();
    Files.setPosixFilePermissions(key(), PosixFilePermissions.fromString("rw-r--r--"));
    refused(key(), "chmod 600");
  }

  @Test
  void rootOfAnotherTrustDomainRefused() {
    root();
    refused(new TrustDomain("other.example"), Instant.now(), certificate(), "'trust-domain'");
  }

  @Test
  void expiredRootRefused() {
    root();
    Instant later = Instant.now().plus(Duration.ofDays(3651));
    refused(DOMAIN, later, certificate(), "expired on");
  }

  @Test
  void secondOwnerRefused() {
    assertThatExceptionOfType(ControlPlaneException.class)
        .isThrownBy(() -> StateFolder.open(folder))
        .withMessageContaining("another control plane holds this state folder");
  }

  private CertificateAuthority root() {
    return RootStore.open(state, DOMAIN, InstantSource.system());
  }

  private Path key() {
    return folder.resolve(RootStore.KEY);
  }

  private Path certificate() {
    return folder.resolve(RootStore.CERTIFICATE);
  }

  private static String half(Path file) throws Exception {
    String whole = Files.readString(file);
    return whole.substring(0, whole.length() / 2);
  }

  private static String pem(String kind, String base64) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, base64, kind);
  }

  private void refused(Path file, String message) {
    refused(DOMAIN, Instant.now(), file, message);
  }

  private void refused(TrustDomain domain, Instant now, Path file, String message) {
    assertThatExceptionOfType(ControlPlaneException.class)
        .isThrownBy(() -> RootStore.open(state, domain, InstantSource.fixed(now)))
        .withMessageStartingWith(file + ": ")
        .withMessageContaining(message);
  }
}
