// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.capture.TestWorkloads;
import dev.culvert.ztunnel.xds.Workload.WorkloadType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderParsersTest {
  private static final String ALPHABET = "0123456789abcdef.:[]%=,;\"/ \\forhst-\u00e9\u0000";

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.1:80", "[fd00:c01::1]:65535", "255.255.255.255:1"})
  void authorityReadAsWritten(String text) throws Exception {
    assertThat(Authority.format(Authority.parse(text))).isEqualTo(text);
  }

  @Test
  void mappedAuthorityMeansItsIpv4() throws Exception {
    assertThat(Authority.parse("[::ffff:10.0.0.1]:80"))
        .isEqualTo(new InetSocketAddress(InetAddress.getByName("10.0.0.1"), 80));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        ":80",
        "10.0.0.1",
        "10.0.0.1:",
        "10.0.0.1:0",
        "10.0.0.1:65536",
        "10.0.0.1:99999999999999",
        "10.0.0.1:+80",
        "10.0.0.1:-1",
        "10.0.0.1:8 0",
        "10.0.0.1:080",
        "010.0.0.1:80",
        "10.0.0.01:80",
        "10.0..1:80",
        "10.0.0.:80",
        ".10.0.0.1:80",
        "10.0.0.1.:80",
        "10.0.0.1.2:80",
        "[]:80",
        "[:80",
        "]:80",
        "[[fd00::1]]:80",
        "10.0.0:80",
        "10.0.0.256:80",
        "010.0.0.1.1:80",
        "fd00::1:80",
        "[fd00::1]80",
        "[fd00::1:80",
        "[10.0.0.1]:80",
        "[fe80::1%eth0]:80",
        "web.shop.svc.cluster.local:80",
        "http://10.0.0.1:80",
        "user@10.0.0.1:80",
        "10.0.0.1:80/",
        "\u0661.0.0.1:80",
        "10.0.0.1:\u0668\u0660"
      })
  void malformedAuthorityRejected(String text) {
    assertThatThrownBy(() -> Authority.parse(text))
        .isInstanceOf(MalformedHeaderException.class)
        .hasMessageContaining(":authority");
  }

  @Test
  void longAuthorityIsShortInTheMessage() {
    assertThatThrownBy(() -> Authority.parse("1".repeat(10_000)))
        .isInstanceOf(MalformedHeaderException.class)
        .hasMessageStartingWith(":authority '" + "1".repeat(64) + "...'")
        .hasMessageNotContaining("1".repeat(65));
  }

  @Test
  void baggageReadAsWritten() {
    var web = TestWorkloads.pod("web", "two", InetAddress.getLoopbackAddress());
    String text = Baggage.format(web);
    assertThat(text)
        .isEqualTo(
            "k8s.cluster.name=Kubernetes,k8s.namespace.name=shop,k8s.deployment.name=web,"
                + "service.name=web,service.version=v1");
    Baggage read = Baggage.parse(text);
    assertThat(read.namespace()).isEqualTo("shop");
    assertThat(read.attribution()).isEqualTo(web.attribution());
  }

  @Test
  void baggageIsLenient() {
    Baggage read =
        Baggage.parse(
            " k8s.namespace.name = shop ;p=1,,=x,k8s.job.name=a%20b%,k8s.pod.name,"
                + "service.name=%E2%82%AC,service.version=a%0d%0ab,k8s.namespace.name=other");
    assertThat(read.namespace()).isEqualTo("shop");
    assertThat(read.attribution().workloadType()).isEqualTo(WorkloadType.JOB);
    assertThat(read.attribution().workloadName()).isEqualTo("a b%");
    assertThat(read.attribution().canonicalName()).isEqualTo("\u20ac");
    assertThat(read.attribution().canonicalRevision()).isEqualTo("a??b");
  }

  @Test
  void baggageOfOneInstanceIsMadeOnce() {
    var web = TestWorkloads.pod("web", "two", InetAddress.getLoopbackAddress());
    var same = TestWorkloads.pod("web", "two", InetAddress.getLoopbackAddress());
    var other = TestWorkloads.pod("db", "two", InetAddress.getLoopbackAddress());
    assertThat(Baggage.format(web)).isSameAs(Baggage.format(web));
    assertThat(Baggage.format(same)).isEqualTo(Baggage.format(web));
    assertThat(Baggage.format(other)).contains("service.name=db");
  }

  @Test
  void malformedBaggageMembersAreLeftOut() {
    Baggage read =
        Baggage.parse(
            "k8s.namespace.nam=a,k8s.namespace.names=b,K8S.namespace.name=c,;k8s.namespace.name=d,"
                + "k8s.namespace.name,k8s.pod.name=,k8s.pod.name=late,service.name==x=y,"
                + "service.version=%zz%4,cloud.region=%FFa%0A,cloud.availability_zone=a%C2%9Bb");
    assertThat(read.namespace()).isEmpty();
    assertThat(read.attribution().workloadName()).isEmpty();
    assertThat(read.attribution().canonicalName()).isEqualTo("=x=y");
    assertThat(read.attribution().canonicalRevision()).isEqualTo("%zz%4");
    assertThat(read.attribution().region()).isEqualTo("%FFa%0A");
    assertThat(read.attribution().zone()).isEqualTo("a?b");
  }

  @Test
  void noBaggageIsEmpty() {
    assertThat(Baggage.parse(null).isEmpty()).isTrue();
    assertThat(Baggage.parse("").isEmpty()).isTrue();
    assertThat(Baggage.parse("k8s.pod.name=" + "x".repeat(20_000)).isEmpty()).isTrue();
  }

  @Test
  void forwardedReadAsWritten() throws Exception {
    InetSocketAddress client = Authority.parse("[fd00:c01::7]:40000");
    Forwarded sent = new Forwarded(Optional.of(client), Optional.of("web.shop.svc"));
    assertThat(sent.format()).isEqualTo("for=\"[fd00:c01::7]:40000\";host=web.shop.svc");
    assertThat(Forwarded.parse(sent.format())).isEqualTo(sent);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ";", "for", "for=", "for=\"", "for=unknown", "host=", "host=a b", "for=1:2:3"})
  void malformedForwardedIsNone(String text) {
    assertThat(Forwarded.parse(text)).isEqualTo(new Forwarded(Optional.empty(), Optional.empty()));
  }

  @Test
  void forwardedIsLenient() throws Exception {
    Forwarded read =
        Forwarded.parse(
            " FOR = \"x\" ;for=10.0.0.1:1;For=10.0.0.2:2; Host = a b;host=\"web\";host=late,"
                + "for=10.0.0.3:3");
    assertThat(read.client()).contains(Authority.parse("10.0.0.1:1"));
    assertThat(read.host()).contains("web");
  }

  @Test
  void traceParentIsOneTracePerConnection() {
    assertThat(TraceParent.fresh().toString())
        .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00")
        .isNotEqualTo(TraceParent.fresh().toString());
  }

  @RepeatedTest(20)
  void anythingElseIsReadOrRejectedButNeverBreaks(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    for (int i = 0; i < 2_000; i++) {
      String text = text(random);
      assertThat(Baggage.parse(text)).isNotNull();
      assertThat(Forwarded.parse(text)).isNotNull();
      parseAuthority(text);
    }
  }

  private static void parseAuthority(String text) {
    try {
      InetSocketAddress read = Authority.parse(text);
      assertThat(read.getPort()).isBetween(1, 65535);
      assertThat(read.isUnresolved()).isFalse();
    } catch (MalformedHeaderException e) {
      assertThat(e).hasMessageStartingWith(":authority");
    }
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(40);
    for (int i = 0; i < length; i++) {
      text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return text.toString();
  }
}
