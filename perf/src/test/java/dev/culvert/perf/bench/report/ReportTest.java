// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.perf.bench.measure.Metric;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.xml.sax.InputSource;

class ReportTest {
  private final Results results = new Results();

  @Test
  void medianOfAnEvenCountLiesBetweenTheMiddleTwo() {
    assertThat(Spread.of(List.of(4.0, 1.0, 3.0, 9.0))).isEqualTo(new Spread(3.5, 1, 9, 4));
    assertThat(Spread.of(List.of(2.0))).isEqualTo(new Spread(2, 2, 2, 1));
    assertThatThrownBy(() -> Spread.of(List.of())).hasMessageContaining("a figure");
  }

  @Test
  void ratioIsOfFiguresOfTheSameRound() {
    figures("direct", Metric.BULK_1, 40, 10, 20);
    figures("culvert", Metric.BULK_1, 20, 6, 8);
    assertThat(results.ratio("culvert", "direct", Metric.BULK_1)).contains(0.5);
    assertThat(results.ratio("culvert", "direct", Metric.BULK_8)).isEmpty();
  }

  @Test
  void roundWithoutABaseHasNoRatio() {
    results.add("direct", 1, Metric.BULK_1, 10);
    results.add("culvert", 1, Metric.BULK_1, 5);
    results.add("culvert", 2, Metric.BULK_1, 50);
    assertThat(results.ratio("culvert", "direct", Metric.BULK_1)).contains(0.5);
  }

  @Test
  void goalsKnowWhichWayIsBetter() {
    Goal bulk = new Goal("culvert", Metric.BULK_1, Optional.of("direct"), 0.45);
    Goal memory = new Goal("culvert", Metric.RSS_IDLE, Optional.empty(), 120);
    assertThat(bulk.reached(0.45)).isTrue();
    assertThat(bulk.reached(0.44)).isFalse();
    assertThat(memory.reached(119)).isTrue();
    assertThat(memory.reached(121)).isFalse();
  }

  @Test
  void doorsAreHeldAgainstTheBestOfTheOthersAndOurOwnAreNone() {
    figures("culvert", Metric.DOOR_H1, 30);
    figures("culvert-policies", Metric.DOOR_H1, 1000);
    figures("haproxy", Metric.DOOR_H1, 40);
    figures("caddy", Metric.DOOR_H1, 10);
    figures("culvert", Metric.DOOR_H1_P99, 300);
    figures("haproxy", Metric.DOOR_H1_P99, 600);
    figures("caddy", Metric.DOOR_H1_P99, 400);
    assertThat(goal(Metric.DOOR_H1).value(results)).contains(0.75);
    assertThat(goal(Metric.DOOR_H1_P99).value(results)).contains(0.75);
    assertThat(goal(Metric.DOOR_H1).reached(0.75)).isFalse();
    assertThat(goal(Metric.DOOR_H1_P99).reached(0.75)).isTrue();
    assertThat(goal(Metric.COST_TOKEN).reached(104.9)).isTrue();
    assertThat(goal(Metric.COST_TOKEN).reached(105.1)).isFalse();
    assertThat(goal(Metric.DOOR_H2C).value(results)).isEmpty();
  }

  private static Goal goal(Metric metric) {
    return Goal.DOORS.stream().filter(goal -> goal.metric() == metric).findFirst().orElseThrow();
  }

  @Test
  void tableShowsMediansAndRatios() {
    assertThat(Table.of(run()).lines())
        .hasSize(3)
        .anySatisfy(line -> assertThat(line).contains("bulk-1, Gbit/s").endsWith("12.0 0.40x"))
        .anySatisfy(line -> assertThat(line).contains("rss-idle, MiB").endsWith("100"));
  }

  @Test
  void jsonHasEveryFigure() {
    Object json = new Load(LoadSettings.builder().build()).loadFromString(JsonReport.of(run()));
    assertThat(json)
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
        .containsEntry("rounds", 3)
        .containsEntry("notes", List.of("not \"quiet\""));
    assertThat(JsonReport.of(run()))
        .contains("\"metric\":\"bulk-1\",\"unit\":\"Gbit/s\",\"median\":12.0")
        .contains("\"against-direct\":0.4");
  }

  @Test
  void htmlStandsAloneAndEscapes() throws IOException {
    String html = HtmlReport.of(run());
    assertThat(html)
        .contains("<svg", "prefers-color-scheme: dark", "not &quot;quiet&quot;", "a &lt;cpu&gt;")
        .contains("at least 0.45x of direct", "not yet")
        .doesNotContain("http://", "https://", "<script", "src=");
  }

  @Test
  void chartsAreWellFormed() throws Exception {
    var charts = Pattern.compile("(?s)<svg.*?</svg>").matcher(HtmlReport.of(run())).results();
    List<String> all = charts.map(found -> found.group()).toList();
    assertThat(all).hasSize(2);
    for (String chart : all) {
      var document =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new InputSource(new StringReader(chart)));
      assertThat(document.getElementsByTagName("rect").getLength()).isPositive();
    }
  }

  @Test
  void figuresKeepThreeDigits() {
    assertThat(Digits.of(34_567)).isEqualTo("34,567");
    assertThat(Digits.of(12.345)).isEqualTo("12.3");
    assertThat(Digits.of(0.0123)).isEqualTo("0.012");
    assertThat(Digits.ratio(2.034)).isEqualTo("2.03x");
  }

  private Run run() {
    figures("direct", Metric.BULK_1, 30, 29, 31);
    figures("culvert", Metric.BULK_1, 12, 11.6, 14);
    figures("culvert", Metric.RSS_IDLE, 100, 99, 101);
    return new Run(
        Subject.TUNNELS,
        "./culvert bench",
        "2026-11-21T10:00:00Z",
        Map.of("Processor", "a <cpu>"),
        3,
        List.of(
            new Run.About("direct", "Direct TCP", Map.of("software", "the kernel")),
            new Run.About("culvert", "Culvert", Map.of("tls", "BoringSSL"))),
        results,
        List.of("not \"quiet\""));
  }

  private void figures(String lane, Metric metric, double... values) {
    for (int i = 0; i < values.length; i++) {
      results.add(lane, i + 1, metric, values[i]);
    }
  }
}
