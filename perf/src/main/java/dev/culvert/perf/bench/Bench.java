// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench;

import dev.culvert.perf.bench.lane.Lane;
import dev.culvert.perf.bench.lane.Peer;
import dev.culvert.perf.bench.report.HtmlReport;
import dev.culvert.perf.bench.report.JsonReport;
import dev.culvert.perf.bench.report.Run;
import dev.culvert.perf.bench.report.Table;
import dev.culvert.perf.bench.site.Packages;
import dev.culvert.perf.bench.site.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures Culvert beside direct TCP and other tunnels, in one run on one machine. */
@Command(
    name = "bench",
    description =
        "Measures Culvert beside direct TCP and other mTLS tunnels, or front doors. Needs root.",
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100)
public final class Bench implements Callable<Integer> {
  private static final int FAILURE = 1;
  private static final String BBR = "culvert-bbr";

  @Spec private CommandSpec spec;

  @Option(
      names = "--quick",
      description = "One short round, within three minutes; without culvert-bbr unless named.")
  private boolean quick;

  @Option(
      names = "--doors",
      description = "Measures front doors instead: Culvert's gateway, HAProxy, nginx and Caddy.")
  private boolean doors;

  @Option(names = "--rounds", description = "How often everything is measured; 5.")
  private int rounds = 5;

  @Option(
      names = "--lanes",
      split = ",",
      paramLabel = "NAME",
      description = "Only these: direct, culvert, culvert-same-node, culvert-kernel, haproxy, ...")
  private List<String> lanes = List.of();

  @Option(
      names = "--peer",
      paramLabel = "FOLDER",
      description = "A further tunnel, as perf/README.md describes it; may be repeated.")
  private List<Path> peers = List.of();

  @Option(
      names = "--hold",
      paramLabel = "NAME",
      description = "Measures nothing: warms this lane and holds it until the input ends.")
  private String held;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Where report.html and report.json are written; target/bench.")
  private Path out = Path.of("target", "bench");

  private Bench() {}

  /** Runs it. */
  public static void main(String[] arguments) {
    CommandLine line = new CommandLine(new Bench());
    line.setExecutionExceptionHandler(Bench::failed);
    System.exit(line.execute(arguments));
  }

  private static int failed(Exception failure, CommandLine line, CommandLine.ParseResult parsed) {
    line.getErr().printf("bench: %s%n", failure.getMessage());
    line.getErr().flush();
    return FAILURE;
  }

  @Override
  public Integer call() throws IOException {
    if (rounds < 1) {
      throw new ParameterException(spec.commandLine(), "--rounds: at least 1");
    }
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new IOException("network namespaces need root: start it with sudo");
    }
    Contest contest = contest();
    Packages.install(contest.needs());
    if (held != null) {
      hold(contest);
    } else {
      show(measure(contest));
    }
    return 0;
  }

  private Contest contest() throws IOException {
    if (doors) {
      return Contest.doors(quick, rounds);
    }
    List<Peer> all = new ArrayList<>(Peer.builtIn());
    for (Path folder : peers) {
      all.add(Peer.read(folder));
    }
    return Contest.tunnels(all, quick, rounds);
  }

  private void hold(Contest contest) throws IOException {
    lanes = List.of(held);
    try (Site site = Site.open("bench")) {
      new Hold(chosen(contest.entrants().on(site)).getFirst(), contest.warmUp()).run();
    }
  }

  private Run measure(Contest contest) throws IOException {
    Plan plan = contest.plan();
    String started = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    try (Site site = Site.open("bench")) {
      List<Lane> chosen = chosen(contest.entrants().on(site));
      Suite suite = new Suite(plan, chosen);
      // After each round: what ends the rest takes nothing of what has been measured.
      suite.run(rounds -> write(run(contest, started, rounds, chosen, suite)));
      return run(contest, started, plan.rounds(), chosen, suite);
    }
  }

  private Run run(Contest contest, String started, int rounds, List<Lane> chosen, Suite suite)
      throws IOException {
    List<Run.About> about = new ArrayList<>();
    for (Lane lane : chosen) {
      about.add(new Run.About(lane.name(), lane.title(), lane.facts()));
    }
    return new Run(
        contest.subject(),
        command(),
        started,
        Machine.facts(),
        rounds,
        about,
        suite.results(),
        suite.notes());
  }

  private List<Lane> chosen(List<Lane> all) {
    List<String> names = all.stream().map(Lane::name).toList();
    for (String wanted : lanes) {
      if (!names.contains(wanted)) {
        throw new ParameterException(
            spec.commandLine(), "--lanes: no '%s', but %s".formatted(wanted, names));
      }
    }
    return all.stream().filter(lane -> wanted(lane.name())).toList();
  }

  private boolean wanted(String lane) {
    return lanes.isEmpty() ? !(quick && lane.equals(BBR)) : lanes.contains(lane);
  }

  private String command() {
    List<String> words = new ArrayList<>(List.of("./culvert", "bench"));
    words.addAll(spec.commandLine().getParseResult().originalArgs());
    return String.join(" ", words);
  }

  private void write(Run run) throws IOException {
    Files.createDirectories(out);
    Files.writeString(out.resolve("report.json"), JsonReport.of(run));
    Files.writeString(out.resolve("report.html"), HtmlReport.of(run));
  }

  private void show(Run run) {
    System.out.println(Table.of(run));
    run.notes().forEach(note -> System.out.println("mind: " + note));
    System.out.println("report: " + out.resolve("report.html").toAbsolutePath());
  }
}
