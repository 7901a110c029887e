// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kubelet;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culvert.cli.lab.LabPlace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process in some cgroup and namespace of a node that probes when it is told to. */
public final class Probing implements AutoCloseable {
  private final Process process;
  private final Writer in;
  private final BufferedReader out;

  private Probing(Process process) {
    this.process = process;
    this.in = process.outputWriter(UTF_8);
    this.out = process.inputReader(UTF_8);
  }

  /**
   * Starts it.
   *
   * @param program the name that the kernel has for it
   * @param folder where a program of that name can be made
   */
  public static Probing start(LabPlace place, String program, Path folder) throws IOException {
    Path file = folder.resolve(program);
    if (!Files.exists(file)) {
      Files.createSymbolicLink(file, Path.of(System.getProperty("java.home"), "bin", "java"));
    }
    ProcessBuilder builder = new ProcessBuilder(place.wrap(command(file, Prober.class)));
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    return new Probing(builder.start());
  }

  static List<String> command(Path java, Class<?> main) {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return new ArrayList<>(
        List.of(
            java.toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx64m",
            "-cp",
            classPath,
            main.getName()));
  }

  /** Whether an HTTP probe succeeds; the address that the app saw. */
  public String http(String address) throws IOException {
    return probe("http", address, ProbedApp.HTTP);
  }

  /** A probe of one kind: {@code ok …} or {@code failed …}. */
  private synchronized String probe(String kind, String address, int port) throws IOException {
    in.write("%s %s %d\n".formatted(kind, InetAddress.ofLiteral(address).getHostAddress(), port));
    in.flush();
    String answer = out.readLine();
    if (answer == null) {
      throw new IOException("the prober has ended");
    }
    return answer;
  }

  /** Every kind of probe to one address. */
  public List<String> all(String address) throws IOException {
    return List.of(
        http(address),
        probe("grpc", address, ProbedApp.GRPC),
        probe("tcp", address, ProbedApp.TCP));
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
