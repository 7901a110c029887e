// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A page of docs whose shell blocks are run in their order, and print what stands below them. */
final class DocumentedPage {
  /** The mesh of a page, wherever it is named. */
  private static final Pattern MESH = Pattern.compile("\\b(name |lab-|culvert-|removed )page\\b");

  /** The name that it has in this run: others may run the page too. */
  static final String MESH_NAME = "page-" + ProcessHandle.current().pid();

  private final Path page;
  private final Path folder;
  private final Path log;

  /**
   * @param page its name in docs
   * @param folder where it is run
   * @param log told when it fails
   */
  DocumentedPage(String page, Path folder, String log) {
    this.page = Path.of("../docs", page);
    this.folder = folder;
    this.log = folder.resolve(log);
  }

  /** A shell block and what the page says that it prints; empty when it says nothing. */
  private record Example(String script, String output) {}

  void doesWhatItSays() throws Exception {
    String text = MESH.matcher(Files.readString(page)).replaceAll("$1" + MESH_NAME);
    List<Example> examples = examples(text.lines().toList());
    assertThat(examples).hasSizeGreaterThan(3);
    command();
    String printed = run(script(examples));
    for (int i = 0; i < examples.size(); i++) {
      if (!examples.get(i).output().isEmpty()) {
        assertThat(between(printed, i))
            .as("%s%nlog:%n%s", examples.get(i).script(), log())
            .isEqualTo(examples.get(i).output());
      }
    }
  }

  private static List<Example> examples(List<String> lines) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).equals("```sh")) {
        examples.add(new Example(block(lines, i + 1), ""));
      } else if (lines.get(i).equals("```text")) {
        Example last = examples.removeLast();
        examples.add(new Example(last.script(), block(lines, i + 1)));
      }
    }
    return examples;
  }

  private static String block(List<String> lines, int from) {
    StringBuilder block = new StringBuilder();
    for (int i = from; !lines.get(i).equals("```"); i++) {
      block.append(lines.get(i)).append('\n');
    }
    return block.toString();
  }

  /**
   * What the page calls ./culvert is these classes: a build within a test would be another one. It
   * is called often and does little.
   */
  private void command() throws IOException {
    Path command = folder.resolve("culvert");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Files.writeString(
        command,
        "#!/bin/sh\nexec '%s' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -cp '%s' dev.culvert.cli.Culvert \"$@\"\n"
            .formatted(java, System.getProperty("java.class.path")));
    Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static String script(List<Example> examples) {
    StringBuilder script = new StringBuilder("set -m\ntrap 'kill $(jobs -p) 2>/dev/null' EXIT\n");
    for (int i = 0; i < examples.size(); i++) {
      script.append("echo '@").append(i).append("'\n").append(examples.get(i).script());
    }
    return script.append("echo '@").append(examples.size()).append("'\n").toString();
  }

  private static String between(String printed, int index) {
    String begin = "@" + index + "\n";
    int from = printed.indexOf(begin) + begin.length();
    int to = printed.indexOf("@" + (index + 1) + "\n", from);
    assertThat(to).as("the page ended early:%n%s", printed).isNotNegative();
    return printed.substring(from, to);
  }

  /** In a network of its own, whose ports nobody else has, where that is allowed. */
  private static List<String> shell(Path file) {
    return isRoot()
        ? List.of(
            "unshare", "--net", "sh", "-c", "ip link set lo up; exec bash \"$0\"", file.toString())
        : List.of("bash", file.toString());
  }

  static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private String run(String script) throws Exception {
    Path file = folder.resolve("page.sh");
    Files.writeString(file, script);
    ProcessBuilder builder = new ProcessBuilder(shell(file)).directory(folder.toFile());
    builder.redirectErrorStream(true);
    builder
        .environment()
        .merge(
            "PATH",
            Path.of(System.getProperty("java.home"), "bin").toString(),
            (path, jdk) -> jdk + ":" + path);
    Process shell = builder.start();
    try {
      return new String(
          shell.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    } finally {
      shell.descendants().forEach(ProcessHandle::destroyForcibly);
      shell.destroyForcibly().waitFor();
    }
  }

  private String log() throws IOException {
    return Files.exists(log) ? Files.readString(log) : "";
  }
}
