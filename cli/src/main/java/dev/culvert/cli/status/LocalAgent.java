// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.status;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An agent of this machine, asked over its Unix socket; it answers root only.
 *
 * @param socket where it listens
 */
public record LocalAgent(Path socket) {
  private static final Path RUN = Path.of("/run/culvert");
  private static final String NAME = "agent.sock";

  /** EACCES in the words of the C library, for which channels have no type. */
  private static final String DENIED = "Permission denied";

  /** Its own, and below it those of a lab's nodes. */
  private static final int DEPTH = 3;

  /** A line of an answer: a word and {@code key=value}s, of which texts are in quotes. */
  public record Line(String word, Map<String, String> values) {
    private static final Pattern VALUE = Pattern.compile(" ([a-z]+)=(?:\"([^\"]*)\"|(\\S*))");

    static Line parse(String text) {
      Map<String, String> values = new LinkedHashMap<>();
      Matcher value = VALUE.matcher(text);
      while (value.find()) {
        values.put(value.group(1), value.group(2) == null ? value.group(3) : value.group(2));
      }
      return new Line(text.split(" ", 2)[0], values);
    }

    /** Empty when there is none. */
    public String value(String key) {
      return values.getOrDefault(key, "");
    }
  }

  /** A pod as the agent has it. */
  public record Pod(String name, String state, String addresses, String note) {
    /** Labels ask for it and it cannot be in the mesh: nothing is wrong, its note says why. */
    public boolean isLeftAlone() {
      return state.equals("left alone");
    }
  }

  /**
   * What an agent says of itself.
   *
   * @param ztunnels connected ones; two during an upgrade
   */
  public record State(String node, int ztunnels, List<Pod> pods) {}

  /** Those that have a socket on this machine. */
  public static List<LocalAgent> all() throws IOException {
    if (!Files.isDirectory(RUN)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(RUN, DEPTH)) {
      return files
          .filter(file -> file.getFileName().toString().equals(NAME))
          .sorted()
          .map(LocalAgent::new)
          .toList();
    }
  }

  /**
   * Asks for its status.
   *
   * @throws IOException when it does not answer, or not to this user
   */
  public State state() throws IOException {
    List<Line> lines = ask("status");
    Line first = lines.getFirst();
    List<Pod> pods = new ArrayList<>();
    for (Line line : lines.subList(1, lines.size())) {
      pods.add(
          new Pod(
              line.value("name"),
              line.value("state"),
              line.value("addresses"),
              line.value("note")));
    }
    String ztunnels = first.value("ztunnels");
    return new State(
        first.value("node"), ztunnels.isEmpty() ? 0 : Integer.parseInt(ztunnels), pods);
  }

  /** Asks for the links of its programs. */
  public List<Line> links() throws IOException {
    return ask("links");
  }

  /** The group whose connections to pods pass as health probes; empty when it has none. */
  public Optional<String> probes() throws IOException {
    return ask("probes").stream().map(line -> line.value("cgroup")).findFirst();
  }

  /** What is wrong with the plugin in the runtime's configuration; empty when nothing is. */
  public Optional<String> trouble() throws IOException {
    return ask("cni").stream()
        .map(line -> line.value("note"))
        .filter(note -> !note.isEmpty())
        .findFirst();
  }

  private List<Line> ask(String question) throws IOException {
    String answer;
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(ByteBuffer.wrap((question + "\n").getBytes(StandardCharsets.UTF_8)));
      answer = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      String why =
          DENIED.equals(e.getMessage())
              ? "only root may ask this agent"
              : "no agent answers: " + e.getMessage();
      throw new IOException("%s: %s".formatted(socket, why), e);
    }
    if (answer.startsWith("error")) {
      throw new IOException(socket + ": " + answer.strip());
    }
    return answer.lines().filter(line -> !line.isBlank()).map(Line::parse).toList();
  }
}
