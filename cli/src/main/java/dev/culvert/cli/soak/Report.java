// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.answer.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** Writes an outcome: result.md, its curves as SVG, and all samples as JSON. */
final class Report {
  private final StringBuilder text = new StringBuilder();
  private final Outcome outcome;

  private Report(Outcome outcome) {
    this.outcome = outcome;
  }

  static void write(Outcome outcome, String machine, Path folder) throws IOException {
    Files.createDirectories(folder);
    var curves = outcome.curves().all();
    Files.writeString(folder.resolve("result.md"), new Report(outcome).markdown(machine));
    Files.writeString(folder.resolve("rss.svg"), Chart.of("RSS, MB", curves, Sample::rssMb));
    Files.writeString(
        folder.resolve("descriptors.svg"), Chart.of("Descriptors", curves, Sample::descriptors));
    Files.writeString(folder.resolve("samples.json"), json(outcome));
  }

  private String markdown(String machine) {
    text.append("# Result of a soak\n\n    ").append(outcome.plan().command()).append("\n\n");
    text.append(outcome.summary()).append(".\n\n").append(machine).append("\n\n");
    list("Errors", outcome.reasons());
    text.append("| connections that ended as they were to | |\n|---|---:|\n");
    outcome.counts().ended().forEach((kind, times) -> row(kind.word(), times));
    text.append("\n| connections that the churn ended, as it had to | |\n|---|---:|\n");
    outcome.counts().explained().forEach(this::row);
    text.append("\n| churn | |\n|---|---:|\n");
    outcome.deeds().forEach((deed, times) -> row(deed.toString(), times));
    processes();
    text.append("\n![RSS](rss.svg)\n\n![Descriptors](descriptors.svg)\n");
    return text.toString();
  }

  private void processes() {
    text.append("\n| process | RSS, MB: begin, most, end | descriptors: begin, most, end |");
    text.append(" heap in use, KB: warm, end |\n|---|---|---|---|\n");
    outcome
        .curves()
        .all()
        .forEach(
            (name, samples) ->
                text.append(
                    "| %s | %s | %s | %s |\n"
                        .formatted(
                            name,
                            course(samples, Sample::rssMb),
                            course(samples, Sample::descriptors),
                            heap(name))));
  }

  private String heap(String name) {
    Heaps.Held begin = outcome.heaps().atTheBegin().get(name);
    Heaps.Held end = outcome.heaps().atTheEnd().get(name);
    return begin == null || end == null ? "" : "%d, %d".formatted(begin.kb(), end.kb());
  }

  private void row(String what, long times) {
    text.append("| %s | %d |\n".formatted(what, times));
  }

  private static String course(List<Sample> samples, ToLongFunction<Sample> value) {
    return "%d, %d, %d"
        .formatted(
            value.applyAsLong(samples.getFirst()),
            samples.stream().mapToLong(value).max().orElse(0),
            value.applyAsLong(samples.getLast()));
  }

  private void list(String title, List<String> lines) {
    if (!lines.isEmpty()) {
      text.append("## ").append(title).append("\n\n");
      lines.forEach(line -> text.append("- ").append(line).append('\n'));
      text.append('\n');
    }
  }

  private static String json(Outcome outcome) {
    String head =
        new JsonObject()
            .put("command", outcome.plan().command())
            .put("passed", outcome.passed())
            .put("opened", outcome.counts().opened())
            .put("bytes", outcome.counts().bytes())
            .put("errors", outcome.reasons().size())
            .toString();
    String curves =
        outcome.curves().all().entrySet().stream()
            .map(curve -> "\"%s\":[%s]".formatted(curve.getKey(), samples(curve.getValue())))
            .collect(Collectors.joining(","));
    return "%s,\"samples\":{%s}}%n".formatted(head.substring(0, head.length() - 1), curves);
  }

  private static String samples(List<Sample> samples) {
    return samples.stream()
        .map(s -> "[%d,%d,%d,%d]".formatted(s.millis(), s.pid(), s.rssKb(), s.descriptors()))
        .collect(Collectors.joining(","));
  }
}
