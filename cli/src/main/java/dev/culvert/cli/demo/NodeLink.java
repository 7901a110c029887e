// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.Await;
import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabProcess;
import dev.culvert.cli.wire.Pcap;
import dev.culvert.cli.wire.TcpStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Records everything that crosses a node's link, with tcpdump in the fabric. */
final class NodeLink {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final Lab lab;
  private final LabNode node;
  private final Path file;

  NodeLink(Lab lab, LabNode node) {
    this.lab = lab;
    this.node = node;
    this.file = lab.layout().directory().resolve(node.name() + ".pcap");
  }

  /** Starts to record; returns once it does. */
  LabProcess record() throws IOException {
    LabProcess process =
        lab.start(
            lab.fabric(),
            "tcpdump-" + node.name(),
            List.of(
                "tcpdump",
                "-i",
                node.name(),
                "-n",
                "-U",
                "--immediate-mode",
                "-B",
                "16384",
                "-Z",
                "root",
                "-w",
                file.toString(),
                "tcp"));
    process.awaitLine("listening on", SOON);
    return process;
  }

  /**
   * Ends the recording once it has a text, which a busy machine may let it wait for, and reads it.
   */
  List<TcpStream> readUpTo(String text, LabProcess recording) throws IOException {
    try {
      Await.until("the recording has it", SOON, () -> TcpStream.anyContains(read(), text));
    } catch (IOException e) {
      // Whoever looks for the text in what there is will say that it is missing.
    }
    recording.terminate(SOON);
    return read();
  }

  /** What is recorded so far. */
  List<TcpStream> read() throws IOException {
    return TcpStream.of(Pcap.read(file));
  }

  @Override
  public String toString() {
    return "link of " + node;
  }
}
