// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.CertificateAuthority;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import dev.culvert.tests.mesh.Root;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * A mesh whose certificates live for seconds, not hours: they are renewed and end, and roots follow
 * each other. No transport has a part in it. Each takes up what the one before it left.
 */
@Root
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RotationTest {
  private static final Map<String, String> TIMES = Map.of("certificate-ttl", "16s");

  private static CertificateAuthority first;
  private static CertificateAuthority second;
  private static Mesh mesh;

  @BeforeAll
  static void start() throws Exception {
    first = CertificateAuthority.alone();
    second = CertificateAuthority.alone();
    mesh = Mesh.startUnder(first, "auto", TIMES);
  }

  @AfterAll
  static void stop() throws Exception {
    if (mesh != null) {
      mesh.close();
    }
  }

  @Test
  @Order(1)
  void certificateIsThereBeforeAnybodyConnects() throws Exception {
    try (MeshPod pod = mesh.addPod(Mesh.NODE_1, "early", true)) {
      Await.until(
          "its certificate",
          () -> ConfigDump.text(ConfigDump.certificate(pod), "state").equals("Available"));
    }
  }

  @Test
  @Order(2)
  void certificateIsRenewedAndItsConnectionsGoOn() throws Exception {
    int port = mesh.nextPort();
    String before = ConfigDump.serial(mesh.client());
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection open = mesh.client().connect(mesh.server().at(port))) {
      assertThat(open.echo("before")).isEqualTo("before");
      Await.until("another certificate", () -> !ConfigDump.serial(mesh.client()).equals(before));
      assertThat(open.echo("after")).isEqualTo("after");
      assertThat(echoes(mesh.server(), port)).isTrue();
    }
  }

  @Test
  @Order(3)
  void oldCertificateServesWhileItIsGoodAndNothingDoesAfterwards() throws Exception {
    int port = mesh.nextPort();
    MeshProcess controlPlane = mesh.processes().controlPlane();
    try (AppServer app = mesh.server().serve(port, Services.echo())) {
      String renewed = ConfigDump.serial(mesh.client());
      Await.until("a fresh one", () -> !ConfigDump.serial(mesh.client()).equals(renewed));
      controlPlane.kill();
      mesh.processes().ztunnelOf(mesh.client()).awaitLog("; the old one is good until ");
      try (AppConnection open = mesh.client().connect(mesh.server().at(port))) {
        assertThat(open.echo("before")).isEqualTo("before");
        Await.until("it has ended", () -> !echoes(mesh.server(), port));
        app.forgetPeers();
        assertThat(echoes(mesh.server(), port)).isFalse();
        assertThat(app.waitingPeers()).isZero();
        assertThat(open.echo("its tunnel is there")).isEqualTo("its tunnel is there");
      }
      // What it signs now says both: the next scenario need not wait until that is so.
      first.signIn(mesh.authorityFolder(), first, second);
      controlPlane.start();
      controlPlane.awaitReady();
      Await.until("there is another", () -> echoes(mesh.server(), port));
    }
  }

  /** As the document tells an operator to: trusted, then signing, then the first is forgotten. */
  @Test
  @Order(4)
  void oneRootFollowsAnotherWithoutAFailure() throws Exception {
    int port = mesh.nextPort();
    Path authority = mesh.authorityFolder();
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection open = mesh.client().connect(mesh.server().at(port))) {
      assertThat(open.echo("before")).isEqualTo("before");
      awaitWorking(port, "both are trusted", pod -> roots(pod).equals(serials(first, second)));
      second.signIn(authority, first, second);
      awaitWorking(port, "the second signs", pod -> isSigned(pod, second));
      second.signIn(authority, second);
      awaitWorking(port, "the first is forgotten", pod -> roots(pod).equals(serials(second)));
      assertThat(open.echo("all the while")).isEqualTo("all the while");
    }
  }

  /** Until that is true of both ends, new connections are made all the time, and none fails. */
  private static void awaitWorking(int port, String what, Told told) throws Exception {
    List<String> failures = new ArrayList<>();
    Await.until(
        what,
        () -> {
          if (!echoes(mesh.server(), port)) {
            failures.add(Instant.now() + ": refused");
          }
          return told.of(mesh.client()) && told.of(mesh.server());
        });
    assertThat(failures).isEmpty();
  }

  @FunctionalInterface
  private interface Told {
    boolean of(MeshPod pod) throws Exception;
  }

  private static Set<String> serials(CertificateAuthority... authorities) {
    return Arrays.stream(authorities)
        .map(one -> one.root().getSerialNumber().toString())
        .collect(Collectors.toSet());
  }

  private static Set<String> roots(MeshPod pod) throws IOException {
    return ConfigDump.certificate(pod).getAsJsonArray("rootCerts").asList().stream()
        .map(root -> ConfigDump.text(root.getAsJsonObject(), "serialNumber"))
        .collect(Collectors.toSet());
  }

  private static boolean isSigned(MeshPod pod, CertificateAuthority by)
      throws IOException, CertificateException {
    byte[] pem = Base64.getDecoder().decode(ConfigDump.text(ConfigDump.leaf(pod), "pem"));
    var leaf =
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
    try {
      leaf.verify(by.root().getPublicKey());
      return true;
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  private static boolean echoes(MeshPod to, int port) {
    try (AppConnection client = mesh.client().connect(to.at(port))) {
      return client.echo("anybody?").equals("anybody?");
    } catch (IOException _) {
      return false;
    }
  }
}
