// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.lab.Lab;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Builds the mesh, loads it, churns it, watches it, lets it come to rest, and judges. */
final class Soak {
  private static final Duration TURN = Duration.ofMillis(50);
  private static final Duration LAST_ENDS = Duration.ofMinutes(3);
  private static final int OPENED_IN_A_TURN = 4;
  private static final int SAMPLES_IN_A_LINE = 2;

  private final SoakPlan plan;
  private final Path out;
  private final PrintStream screen;
  private final Curves curves = new Curves();
  private final Heaps heaps = new Heaps();
  private final DaemonLogs logs = new DaemonLogs();
  private final List<String> troubles = new ArrayList<>();

  Soak(SoakPlan plan, Path out, PrintStream screen) {
    this.plan = plan;
    this.out = out;
    this.screen = screen;
  }

  /** Whether all was well. */
  boolean run() throws IOException {
    screen.printf("%s: building the mesh%n", plan.command());
    try (Lab lab = Lab.create(plan.name())) {
      SoakMesh mesh = new SoakMesh(lab, plan);
      mesh.start();
      Happenings happenings = new Happenings();
      Churn churn = new Churn(mesh, happenings, plan.seed());
      churn.firstPods();
      Traffic traffic = new Traffic(mesh, plan, new Judge(happenings));
      Rest rest = new Rest(mesh.daemons());
      load(mesh, churn, traffic);
      awaitLastEnds(traffic);
      troubles.addAll(rest.troubles(mesh.daemons()));
      troubles.addAll(mesh.proxies().troubles());
      boolean passed = report(mesh, churn, traffic);
      if (!passed) {
        keepLogs(lab.layout().logs());
      }
      return passed;
    }
  }

  /** For who asks why; they go with the lab. */
  private void keepLogs(Path logs) throws IOException {
    Path kept = Files.createDirectories(out.resolve("logs"));
    try (Stream<Path> files = Files.list(logs)) {
      for (Path log : files.toList()) {
        Files.copy(log, kept.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    screen.printf("logs: %s%n", kept);
  }

  /** Whatever happens, the churn has ended when this returns. */
  private void load(SoakMesh mesh, Churn churn, Traffic traffic) throws IOException {
    Churning churning = Churning.start(churn, plan);
    try {
      new Load(mesh, traffic, churning).run();
    } finally {
      churning.close();
    }
    churning.failure().ifPresent(why -> troubles.add("the churn could not go on: " + why));
  }

  /** The time under load. */
  private final class Load {
    private final SoakMesh mesh;
    private final Traffic traffic;
    private final Churning churning;
    private final Table table = new Table(screen);
    private final long begin = System.nanoTime();
    private long samples;

    Load(SoakMesh mesh, Traffic traffic, Churning churning) {
      this.mesh = mesh;
      this.traffic = traffic;
      this.churning = churning;
    }

    void run() throws IOException {
      Duration time = Duration.ZERO;
      while (time.compareTo(plan.time()) < 0 && churning.failure().isEmpty()) {
        for (int i = 0; i < OPENED_IN_A_TURN && traffic.live() < plan.connections(); i++) {
          traffic.open();
        }
        traffic.hear();
        sample(time);
        Pause.of(TURN);
        time = Duration.ofNanos(System.nanoTime() - begin);
      }
      heaps.end(mesh.daemons());
    }

    private void sample(Duration time) throws IOException {
      if (heaps.atTheBegin().isEmpty()
          && !churning.isReplacing()
          && time.compareTo(plan.settled()) > 0) {
        heaps.begin(mesh.daemons());
      }
      if (time.compareTo(plan.betweenSamples().multipliedBy(samples)) >= 0) {
        samples++;
        curves.look(mesh.daemons(), time.toMillis());
        logs.look(mesh.writers());
        if (samples % SAMPLES_IN_A_LINE == 1) {
          table.line(time.toMillis(), traffic.live(), traffic.counts(), curves.all());
        }
      }
    }
  }

  /** Those that never end are at fault, and keep nobody from a verdict. */
  private static void awaitLastEnds(Traffic traffic) throws IOException {
    long deadline = System.nanoTime() + LAST_ENDS.toNanos();
    while (traffic.live() > 0 && System.nanoTime() < deadline) {
      Pause.of(TURN);
      traffic.hear();
    }
    traffic.abandon();
  }

  private boolean report(SoakMesh mesh, Churn churn, Traffic traffic) throws IOException {
    logs.look(mesh.writers());
    troubles.addAll(logs.complaints());
    Map<Deed, Integer> deeds = churn.done();
    deeds.put(Deed.CERTIFICATE_RENEWED, logs.renewals());
    Outcome outcome = new Outcome(plan, traffic.counts(), deeds, curves, heaps, troubles);
    Report.write(outcome, machine(), out);
    screen.println();
    outcome.reasons().forEach(reason -> screen.println("ERROR " + reason));
    screen.printf("%s%nresult: %s%n", outcome.summary(), out.resolve("result.md"));
    return outcome.passed();
  }

  private static String machine() {
    return "On %d processors, Linux %s."
        .formatted(Runtime.getRuntime().availableProcessors(), System.getProperty("os.version"));
  }
}
