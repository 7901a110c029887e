// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

import dev.culvert.cli.lab.Await;
import dev.culvert.controlplane.ControlPlane;
import dev.culvert.controlplane.ControlPlaneConfig;
import dev.culvert.linux.bpf.Features;
import dev.culvert.policy.settings.Settings;
import dev.culvert.ztunnel.Ztunnel;
import dev.culvert.ztunnel.ZtunnelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * Runs the daemons for a moment on loopback, so that the JVM can record which classes and methods
 * they start with (JEP 514). The launcher calls it after a build; every later start is quicker.
 */
@Command(name = "train", hidden = true, description = "Record what the daemons start with.")
final class TrainCommand implements Callable<Integer> {
  private static final String POD =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: train, labels: {culvert.dev/dataplane-mode: ambient}}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: train, namespace: train}
      spec: {nodeName: train, serviceAccountName: train}
      status: {phase: Running, podIPs: [{ip: 198.18.0.1}]}
      """;

  @Override
  public Integer call() throws Exception {
    Logs.configure("text", "error");
    Path folder = Files.createTempDirectory("culvert-train");
    try {
      run(folder);
      Features.probe();
    } finally {
      delete(folder);
    }
    return ExitCode.OK;
  }

  private static void run(Path folder) throws IOException {
    Path source = Files.createDirectory(folder.resolve("source"));
    Path state = folder.resolve("state");
    Files.writeString(source.resolve("pod.yaml"), POD);
    Settings control =
        Settings.of(
            ControlPlaneConfig.settings(),
            Map.of(
                "source", source.toString(), "state", state.toString(), "listen", "127.0.0.1:0"));
    try (ControlPlane running = ControlPlane.start(ControlPlaneConfig.from(control));
        Ztunnel ztunnel = Ztunnel.start(ztunnel(folder, state, running.port()))) {
      Await.until(
          "discovery",
          Duration.ofSeconds(10),
          () -> ztunnel.waitingFor().filter(what -> what.contains("control plane")).isEmpty());
    }
  }

  private static ZtunnelConfig ztunnel(Path folder, Path state, int port) {
    return ZtunnelConfig.from(
        Settings.of(
            ZtunnelConfig.settings(),
            Map.of(
                "node",
                "train",
                "xds-address",
                "127.0.0.1:" + port,
                "root-cert",
                state.resolve("root-cert.pem").toString(),
                "token-file",
                state.resolve("nodes/train.token").toString(),
                "zds-socket",
                folder.resolve("zds.sock").toString(),
                "admin-port",
                "0",
                "stats-port",
                "0",
                "ready-port",
                "0")));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    }
  }
}
