// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.container;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.culvert.cli.lab.Lab;
import dev.culvert.linux.file.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A container of the chart, made by runc: its capabilities, its seccomp profile, its volumes at
 * their places, a root that cannot be written to. The programs are this machine's, not the image's.
 */
final class Container {
  /**
   * runc takes the cgroups for what is mounted there; with only version 2, as nodes have it. What
   * java is told goes on by a file, since a container's command is in its configuration: as in the
   * image no shell is between, whose calls a profile would have to allow.
   */
  private static final String RUN =
      """
      set -e
      bundle=$0; state=$1; name=$2; shift 3
      for each; do printf '"%s"\n' "$each"; done > "$bundle/rootfs/command"
      umount -R -l /sys/fs/cgroup
      mount -t cgroup2 none /sys/fs/cgroup
      exec runc --root "$state" run --bundle "$bundle" "$name"
      """;

  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
  private static final List<String> MASKED =
      List.of("/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware");
  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private final ChartContainer chart;
  private final String name;
  private final Path bundle;
  private final Path state;

  private Container(ChartContainer chart, String name, Path bundle, Path state) {
    this.chart = chart;
    this.name = name;
    this.bundle = bundle;
    this.state = state;
  }

  /**
   * Writes the configuration of a container.
   *
   * @param folder of its own
   * @param name among all containers of this machine
   * @param cgroup the parent of its own
   * @param volumes what is mounted for each volume of the chart; those that a test has not are left
   *     out
   * @param more what is mounted besides, by the place inside
   */
  static Container make(
      ChartContainer chart,
      Path folder,
      String name,
      Path cgroup,
      SeccompProfile profile,
      Map<String, Path> volumes,
      Map<String, Path> more)
      throws IOException {
    Container container = new Container(chart, name, folder.resolve(name), folder.resolve("runc"));
    Map<String, Path> mounts = new LinkedHashMap<>(more);
    volumes.forEach(
        (volume, source) -> chart.mounts().get(volume).forEach(at -> mounts.put(at, source)));
    container.write(container.config(cgroup, profile, mounts));
    return container;
  }

  private void write(JsonObject config) throws IOException {
    for (String link : List.of("bin", "lib", "lib64", "sbin")) {
      Files.createDirectories(bundle.resolve("rootfs"));
      Files.createSymbolicLink(bundle.resolve("rootfs").resolve(link), Path.of("usr", link));
    }
    Files.writeString(bundle.resolve("config.json"), new Gson().toJson(config));
  }

  private JsonObject config(Path cgroup, SeccompProfile profile, Map<String, Path> mounts)
      throws IOException {
    Path own = Path.of("/").resolve(Mounts.cgroup2().relativize(cgroup.resolve(name)));
    Map<String, Object> linux = new LinkedHashMap<>();
    linux.put("namespaces", namespaces());
    linux.put("cgroupsPath", own.toString());
    linux.put("maskedPaths", MASKED);
    linux.put("readonlyPaths", READ_ONLY);
    linux.put("seccomp", profile.of(chart));
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("ociVersion", "1.0.2");
    config.put("root", Map.of("path", "rootfs", "readonly", true));
    config.put("hostname", name);
    config.put("process", process());
    config.put("mounts", mounts(mounts));
    config.put("linux", linux);
    return JsonParser.parseString(new Gson().toJson(config)).getAsJsonObject();
  }

  /** The network is that of who starts it. */
  private List<Map<String, String>> namespaces() {
    List<String> kinds = new ArrayList<>(List.of("mount", "ipc", "uts", "cgroup"));
    if (!chart.seesProcessesOfTheNode()) {
      kinds.add("pid");
    }
    return kinds.stream().map(kind -> Map.of("type", kind)).toList();
  }

  private Map<String, Object> process() {
    String options = System.getenv().getOrDefault("JDK_JAVA_OPTIONS", "");
    return Map.of(
        "user", Map.of("uid", 0, "gid", 0),
        "cwd", "/",
        "args", List.of(JAVA, "@/command"),
        "env", List.of("PATH=/usr/bin", "JDK_JAVA_OPTIONS=" + options),
        "capabilities",
            Map.of(
                "bounding", chart.capabilities(),
                "effective", chart.capabilities(),
                "permitted", chart.capabilities()));
  }

  private static List<Map<String, Object>> mounts(Map<String, Path> own) {
    List<Map<String, Object>> mounts = new ArrayList<>();
    mounts.add(special("/proc", "proc"));
    mounts.add(special("/dev", "tmpfs", "nosuid", "mode=755"));
    mounts.add(special("/sys", "sysfs", "nosuid", "noexec", "nodev", "ro"));
    mounts.add(special("/sys/fs/cgroup", "cgroup", "nosuid", "noexec", "nodev", "ro"));
    mounts.add(special("/tmp", "tmpfs", "mode=1777"));
    for (Path program : programs()) {
      mounts.add(bind(program, program.toString(), "ro"));
    }
    own.forEach((inside, outside) -> mounts.add(bind(outside, inside, "rw")));
    return mounts;
  }

  /** What the image has: libraries, a JVM, jars. */
  private static List<Path> programs() {
    List<Path> programs = new ArrayList<>(List.of(Path.of("/usr"), Path.of("/etc")));
    programs.add(Path.of(System.getProperty("java.home")));
    programs.add(CHECKOUT);
    programs.add(Path.of(System.getProperty("user.home"), ".m2"));
    return programs;
  }

  private static Map<String, Object> special(String place, String type, String... options) {
    return Map.of("destination", place, "type", type, "source", type, "options", List.of(options));
  }

  private static Map<String, Object> bind(Path source, String place, String access) {
    return Map.of(
        "destination",
        place,
        "type",
        "bind",
        "source",
        source.toString(),
        "options",
        List.of("rbind", "rslave", access));
  }

  /** Where a group of this machine is for runc. */
  static Path cgroup(Path group) throws IOException {
    return CGROUPS.resolve(Mounts.cgroup2().relativize(group));
  }

  /** What stands before the daemon's command. */
  List<String> prefix() {
    return List.of(
        "unshare",
        "--mount",
        "--propagation",
        "slave",
        "sh",
        "-c",
        RUN,
        bundle.toString(),
        state.toString(),
        name);
  }

  /** A command of java that is run in it. */
  List<String> run(List<String> command) {
    return Stream.concat(prefix().stream(), command.stream()).toList();
  }

  /** To its first process, as {@code KILL}. */
  void signal(Lab lab, String signal) throws IOException {
    lab.run(lab.control(), List.of("runc", "--root", state.toString(), "kill", name, signal));
  }

  /** Ends it if it still runs. */
  void delete(Lab lab) throws IOException {
    lab.run(lab.control(), List.of("runc", "--root", state.toString(), "delete", "--force", name));
  }
}
