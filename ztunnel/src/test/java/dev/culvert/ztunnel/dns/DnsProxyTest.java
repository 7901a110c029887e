// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.ports;
import static dev.culvert.ztunnel.xds.Resources.push;
import static dev.culvert.ztunnel.xds.Resources.remove;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.service;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the proxy answers by itself, over UDP. */
class DnsProxyTest {
  private static final InetSocketAddress NOBODY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

  private DnsLab lab;

  @BeforeEach
  void start() throws Exception {
    lab = new DnsLab(DnsLab.settings(), NOBODY);
    push(lab.mesh, resource(service("shop", "web", "198.18.1.1")));
  }

  @AfterEach
  void stop() {
    lab.close();
  }

  @Test
  void serviceAnsweredWithItsAddress() throws Exception {
    TestAnswer answer = lab.ask("web.shop", TestQuery.A);

    assertThat(answer.addresses).containsExactly("198.18.1.1");
    assertThat(answer.aliases).containsExactly("web.shop.svc.cluster.local.");
    assertThat(answer.isAuthoritative()).isTrue();
    assertThat(lab.count("istio_dns_requests")).isEqualTo(1);
  }

  @Test
  void emptyForAFamilyTheServiceLacks() throws Exception {
    TestAnswer answer = lab.ask("web", TestQuery.AAAA);

    assertThat(answer.code()).isZero();
    assertThat(answer.addresses).isEmpty();
  }

  @Test
  void endpointsInAnotherOrderEachTime() throws Exception {
    push(lab.mesh, resource(service("shop", "headless")));
    for (int i = 1; i <= 5; i++) {
      push(
          lab.mesh,
          resource(
              pod("shop", "h" + i, "198.18.5." + i)
                  .putServices("shop/headless.shop.svc.cluster.local", ports(80, 80))));
    }
    Set<String> first = new HashSet<>();
    for (int i = 0; i < 200 && first.size() < 5; i++) {
      TestAnswer answer = lab.ask("headless", TestQuery.A);
      assertThat(answer.addresses).hasSize(5);
      first.add(answer.addresses.getFirst());
    }
    assertThat(first).hasSize(5);
  }

  @Test
  void queryOfANewPodWaitsUntilTheMeshKnowsIt() throws Exception {
    remove(lab.mesh, "Kubernetes//Pod/shop/client");
    lab.send(TestQuery.of("web", TestQuery.A));
    while (lab.count("istio_dns_requests") < 1) {
      Thread.onSpinWait();
    }
    push(lab.mesh, resource(pod("shop", "client", "198.18.0.9")));

    assertThat(lab.receive().addresses).containsExactly("198.18.1.1");
  }

  @Test
  void failureForAPodTheMeshDoesNotKnow() throws Exception {
    remove(lab.mesh, "Kubernetes//Pod/shop/client");

    assertThat(lab.ask("example.org", TestQuery.A).code()).isEqualTo(DnsAnswer.SERVFAIL);
  }

  @Test
  void refusedWithoutAResolver() throws Exception {
    assertThat(lab.ask("example.org", TestQuery.A).code()).isEqualTo(DnsAnswer.REFUSED);
  }

  @Test
  void zonesAreNotFetched() throws Exception {
    assertThat(lab.ask("example.org", 252).code()).isEqualTo(DnsAnswer.NOTIMP);
    assertThat(lab.ask("example.org", 251).code()).isEqualTo(DnsAnswer.NOTIMP);
  }

  @Test
  void laterVersionsOfEdnsRefused() throws Exception {
    TestAnswer answer =
        lab.ask(TestQuery.withEdns("web", TestQuery.A, 1232, 1, false, TestQuery.NO_OPTIONS));

    assertThat(answer.extendedCode).isEqualTo(1);
    assertThat(answer.answers).isZero();
  }

  @Test
  void dnssecBitDoesNotPassTheMeshBy() throws Exception {
    TestAnswer answer = lab.ask(TestQuery.withEdns("web", TestQuery.A, 1232, true));

    assertThat(answer.addresses).containsExactly("198.18.1.1");
    assertThat(answer.dnssecOk).isTrue();
  }

  @Test
  void malformedQueryAnsweredWhereItHasAHeader() throws Exception {
    byte[] bad = TestQuery.of("web", TestQuery.A);
    bad[12] = (byte) 0xc0;
    lab.send(new byte[] {});
    lab.send(new byte[] {1, 2, 3});
    byte[] isAnswer = TestQuery.of("web", TestQuery.A);
    isAnswer[2] = (byte) 0x80;
    lab.send(isAnswer);

    assertThat(lab.ask(bad).code()).isEqualTo(DnsAnswer.FORMERR);
    assertThat(lab.ask("web", TestQuery.A).addresses).containsExactly("198.18.1.1");
  }
}
