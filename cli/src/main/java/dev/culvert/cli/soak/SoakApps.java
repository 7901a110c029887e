// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.lab.LabPlace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The apps of a node's pods, all in one process of the node's cgroup: {@code serve POD NETNS},
 * {@code stop POD} and {@code open ...} come as lines, answers go as lines.
 */
public final class SoakApps {
  /** The hidden subcommand that runs it. */
  public static final String COMMAND = "soak-apps";

  static final int PORT = 9000;

  private final Map<String, EchoServer> pods = new ConcurrentHashMap<>();

  private SoakApps() {}

  /** Runs until the input ends. */
  public static void main(String[] arguments) throws IOException {
    SoakApps apps = new SoakApps();
    say("soak apps ready");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      apps.told(line.split(" ", -1));
    }
    System.exit(0);
  }

  private void told(String[] words) throws IOException {
    switch (words[0]) {
      case "serve" -> {
        pods.put(words[1], EchoServer.start(words[1], words[2]));
        say("serving " + words[1]);
      }
      case "stop" -> {
        pods.remove(words[1]).close();
        say("stopped " + words[1]);
      }
      case "open" -> Client.start(words);
      default -> throw new IOException("not understood: " + String.join(" ", words));
    }
  }

  /** A socket belongs to the namespace of the thread that makes it. */
  static LabPlace place(String netns) {
    return new LabPlace(netns, Path.of("/"), false);
  }

  static synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
