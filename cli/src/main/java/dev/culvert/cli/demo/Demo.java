// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.answer.ExitCode;
import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.util.List;

/** Builds the mesh, tells the way of a connection, and proves what is claimed of it. */
final class Demo {
  private final String name;
  private final boolean keep;
  private final boolean proves;
  private final Screen screen;
  private volatile boolean done;

  /**
   * @param keep whether the mesh stays up
   * @param proves whether anything is told and proved of it
   */
  Demo(String name, boolean keep, boolean proves, Screen screen) {
    this.name = name;
    this.keep = keep;
    this.proves = proves;
    this.screen = screen;
  }

  /** Runs all of it: 0 when every proof passed. A mesh that does not come up can be kept too. */
  int run() throws IOException {
    long begin = System.nanoTime();
    Runtime.getRuntime().addShutdownHook(new Thread(this::interrupted, "demo-interrupted"));
    try (Lab lab = Lab.create(name)) {
      try {
        return run(lab, begin) ? ExitCode.OK : ExitCode.FAILURE;
      } finally {
        if (keep) {
          lab.keep();
          KeptMesh.explain(screen, name);
        }
      }
    } finally {
      done = true;
    }
  }

  /** The lab's own hook removes it; what fails meanwhile is of no interest. */
  private void interrupted() {
    if (!done) {
      screen.end("culvert: interrupted; removing the mesh");
    }
  }

  private boolean run(Lab lab, long begin) throws IOException {
    screen.title("A mesh on this machine");
    DemoMesh mesh =
        screen.step("2 nodes, 7 pods: network namespaces, links, cgroups", () -> new DemoMesh(lab));
    LabProcess recording = start(mesh);
    if (!proves) {
      return true;
    }
    screen.title("The way of one connection: client on node1 asks db on node2");
    new Journey(mesh, screen).tell();
    screen.title("Proofs");
    return prove(mesh, recording, begin);
  }

  private LabProcess start(DemoMesh mesh) throws IOException {
    screen.step(
        "web v1 and v2, db, and two outside the mesh: HTTP and echo apps",
        () -> {
          mesh.writeResources();
          mesh.startApps();
          return mesh;
        });
    LabProcess recording =
        screen.step("tcpdump records the link of node2", () -> mesh.link().record());
    screen.step(
        "controlplane makes a root CA; agents load and pin the eBPF programs",
        () -> {
          mesh.startControl();
          return mesh;
        });
    screen.step(
        "ztunnels: listeners inside pods, certificates, discovery; ready",
        () -> {
          mesh.startZtunnels();
          mesh.awaitTraffic();
          return mesh;
        });
    screen.step(
        "a waypoint for the service store: HTTP rules on the way to web",
        () -> {
          mesh.startWaypoint();
          return mesh;
        });
    return recording;
  }

  private boolean prove(DemoMesh mesh, LabProcess recording, long begin) {
    List<Proof> proofs =
        List.of(
            new SteeredByEbpf(),
            new WireIsEncrypted(recording),
            new BothEndsIdentified(),
            new TrueClientAddress(),
            new PolicyEdit(),
            PlaintextFromOutside.permissive(),
            PlaintextFromOutside.strict(),
            new RestartedAgent(),
            new UpgradedZtunnel(),
            new KilledZtunnel(),
            new HeaderRoute(),
            new CanarySplit(),
            new RetriedBackend(),
            new RequestPolicy(),
            new TokenPolicy(),
            new RequestTrace(),
            new RoundTripCost());
    long passed =
        proofs.stream()
            .filter(proof -> screen.proof(proof.claim(), () -> proof.examine(mesh)))
            .count();
    boolean good = passed == proofs.size();
    screen.verdict(
        good,
        "%s: %d of %d proofs, %s"
            .formatted(
                good ? "PASSED" : "FAILED",
                passed,
                proofs.size(),
                Screen.seconds(System.nanoTime() - begin)));
    return good;
  }
}
