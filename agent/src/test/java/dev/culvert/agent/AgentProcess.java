// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import dev.culvert.policy.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** An agent in a JVM of its own, that can be killed. */
final class AgentProcess {
  private AgentProcess() {}

  static Process start(Map<String, String> settings) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(AgentProcess.class.getName());
    settings.forEach((key, value) -> command.add(key + "=" + value));
    return new ProcessBuilder(command).inheritIO().start();
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, String> given =
        Arrays.stream(arguments)
            .map(argument -> argument.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    try (Agent _ = Agent.start(AgentConfig.from(Settings.of(AgentConfig.settings(), given)))) {
      Thread.currentThread().join();
    }
  }
}
