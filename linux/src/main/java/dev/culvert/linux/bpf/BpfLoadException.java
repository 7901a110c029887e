// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.errno.Errno;
import dev.culvert.linux.errno.ErrnoException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kernel, or libbpf before it, refused an object; the message ends with all that was said. */
public final class BpfLoadException extends IOException {
  private static final long serialVersionUID = 1L;
  private static final Pattern FAILED_PROGRAM =
      Pattern.compile("prog '([^']+)': (?:BPF program load failed|failed to load)");

  private final String log;

  private BpfLoadException(String message, String log, Throwable cause) {
    super(message + (log.isEmpty() ? "" : "\n" + log.stripTrailing()), cause);
    this.log = log;
  }

  static BpfLoadException refused(String object, String log, ErrnoException cause) {
    String program = failedProgram(log).map(p -> ", program " + p).orElse("");
    return new BpfLoadException(
        "BPF object %s%s was refused: %s%s"
            .formatted(object, program, cause.getMessage(), remedy(cause)),
        log,
        cause);
  }

  private static String remedy(ErrnoException cause) {
    return switch (cause.errno()) {
      case Errno.EPERM -> ". It needs root, or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON";
      case Errno.ENOSPC, Errno.ENOMEM -> ". The kernel has no memory left for it";
      default -> "";
    };
  }

  static BpfLoadException otherLayout(Path pin, MapSpec wanted, String found) {
    return new BpfLoadException(
        "%s is pinned with another layout (%s) than map %s of this version (%s): remove the pins of the other version, or use another pin directory"
            .formatted(pin, found, wanted.name(), wanted.layout()),
        "",
        null);
  }

  /** The program that was refused, if it came to that. */
  public Optional<String> program() {
    return failedProgram(log);
  }

  /** All that libbpf said, with the whole log of the verifier. */
  public String log() {
    return log;
  }

  private static Optional<String> failedProgram(String log) {
    Matcher matcher = FAILED_PROGRAM.matcher(log);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
