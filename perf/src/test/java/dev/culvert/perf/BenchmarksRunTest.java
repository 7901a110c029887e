// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs every benchmark once, so that none rots; the figures of such a run mean nothing. */
final class BenchmarksRunTest {
  @Test
  void everyBenchmarkRuns() throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .exclude(isRoot() ? "^$" : "perf\\.linux\\.")
                    .forks(0)
                    .warmupIterations(0)
                    .measurementIterations(1)
                    .measurementTime(TimeValue.milliseconds(20))
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
    assertThat(results)
        .extracting(result -> piece(result.getParams().getBenchmark()))
        .contains(
            "Authorization",
            "DestinationLookup",
            "EndpointDraw",
            "HboneFrame",
            "Header",
            "TlsRecord",
            "TunnelPool",
            "ConnectionTelemetry",
            "MeshChange");
  }

  /** Of {@code package.PieceBenchmark.method}. */
  private static String piece(String benchmark) {
    String[] names = benchmark.split("\\.", -1);
    return names[names.length - 2].replaceFirst("Benchmark$", "");
  }

  /** Benchmarks of the kernel's side need root, as the tests of it do. */
  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }
}
