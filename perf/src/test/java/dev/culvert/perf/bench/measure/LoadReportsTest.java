// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class LoadReportsTest {
  private static final String SOCKPERF =
      """
      sockperf: [Total Run] RunTime=1.050 sec; Warm up time=400 msec; SentMessages=50310; ReceivedMessages=50309
      sockperf: [Valid Duration] RunTime=0.518 sec; SentMessages=7518; ReceivedMessages=7518
      sockperf: ---> <MAX> observation = 189321.562
      sockperf: ---> percentile 99.999 = 189321.562
      sockperf: ---> percentile 99.900 = 4611.462
      sockperf: ---> percentile 99.000 =   12.768
      sockperf: ---> percentile 50.000 =    6.394
      """;

  @Test
  void bulkCountsBytesOfTheSecondsThatAreLeftOut() {
    Iperf3Report report =
        Iperf3Report.parse(
            """
            {
            \t"intervals":\t[{"sum":\t{"bytes": 769392640, "omitted": true}},
            \t\t{"sum":\t{"bytes": 929300480, "omitted": false}}],
            \t"end":\t{"sum_received":\t{"bytes": 932970496, "bits_per_second": 7471870947.978557}}
            }
            """);
    assertThat(report.bitsPerSecond()).isEqualTo(7471870947.978557);
    assertThat(report.bytes()).isEqualTo(769392640L + 929300480L);
  }

  @Test
  void bulkThatFailedTellsWhy() {
    assertThatThrownBy(
            () -> Iperf3Report.parse("{\"error\": \"unable to connect to server\", \"end\": {}}"))
        .hasMessage("iperf3: unable to connect to server");
    assertThatThrownBy(() -> Iperf3Report.parse("")).hasMessageContaining("no JSON");
    assertThatThrownBy(() -> Iperf3Report.parse("{\"end\": {}}")).hasMessageContaining("lacks");
  }

  @Test
  void roundTripsAreFoundAmongColours() {
    SockperfReport report = SockperfReport.parse("\u001b[2;35m" + SOCKPERF);
    assertThat(report).isEqualTo(new SockperfReport(6.394, 12.768, 4611.462, 50309));
  }

  @Test
  void roundTripsThatAreMissingAreTold() {
    assertThatThrownBy(() -> SockperfReport.parse("ERROR: Can`t connect socket"))
        .hasMessageContaining("percentile 50.000")
        .hasMessageContaining("Can`t connect");
  }

  @Test
  void requestsAreReadFromTheScriptsLine() {
    WrkReport report =
        WrkReport.parse(
            """
            Requests/sec:   1277.18
            bench requests=30000 micros=2000000 errors=300 p50=2400 p99=149849 p999=166140
            """);
    assertThat(report.perSecond()).isEqualTo(15_000);
    assertThat(report.p999()).isEqualTo(166_140);
    assertThat(report.failed()).isFalse();
  }

  @Test
  void ratesWithManyErrorsAreNoRates() {
    assertThat(new WrkReport(1000, 1_000_000, 11, 1, 1, 1).failed()).isTrue();
    assertThat(new WrkReport(0, 1_000_000, 0, 0, 0, 0).failed()).isTrue();
    assertThatThrownBy(() -> WrkReport.parse("unable to connect")).hasMessageContaining("unable");
  }

  private static final String H2LOAD =
      """
      starting benchmark...
      finished in 4.00s, 41234.75 req/s, 5.51MB/s
      requests: 164939 total, 164975 started, 164939 done, 164900 succeeded, 39 failed, 39 errored, 0 timeout
      status codes: 164900 2xx, 0 3xx, 0 4xx, 39 5xx
      """;

  @Test
  void requestsOfFrontDoorAreRead() {
    RequestReport report =
        RequestReport.ofH2load(
            H2LOAD, List.of("1700000000000\t200\t310", "1700000000007\t200\t290"));
    assertThat(report.perSecond()).isEqualTo(41234.75);
    assertThat(report.requests()).isEqualTo(164900);
    assertThat(report.errors()).isEqualTo(39);
    assertThat(report.failed()).isFalse();
    assertThat(report.p50()).isEqualTo(290);
    assertThat(report.p99()).isEqualTo(310);
  }

  @Test
  void requestsWithCertificatesAreReadFromOneLine() {
    RequestReport report =
        RequestReport.ofMutualLoad(
            "load requests=600 all=900 errors=3 micros=2000000 p50=80 p99=120\n");
    assertThat(report).isEqualTo(new RequestReport(600, 900, 3, 300, 80, 120));
    assertThat(report.failed()).isFalse();
    assertThatThrownBy(() -> RequestReport.ofMutualLoad("no TLS")).hasMessageContaining("no TLS");
  }

  @Test
  void frontDoorThatAnswersWithErrorsHasNoRate() {
    String text = H2LOAD.replace("164900 succeeded, 39 failed", "900 succeeded, 164039 failed");
    assertThat(RequestReport.ofH2load(text, List.of()).failed()).isTrue();
    assertThatThrownBy(() -> RequestReport.ofH2load("could not connect", List.of()))
        .hasMessageContaining("could not connect");
  }
}
