// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.errno;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A system call, or a library function that reports as one, failed; see errno(3). */
public final class ErrnoException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String operation;
  private final int errno;
  private final transient List<Object> arguments;

  /**
   * Describes a failed call.
   *
   * @param operation the call as its manual page names it, for example {@code setns}
   * @param errno the positive error number
   * @param arguments what it was called with, in the order of the call; shown in the message
   */
  public ErrnoException(String operation, int errno, Object... arguments) {
    super(describe(operation, errno, arguments));
    this.operation = operation;
    this.errno = errno;
    this.arguments = List.of(Arrays.stream(arguments).map(String::valueOf).toArray());
  }

  private static String describe(String operation, int errno, Object... arguments) {
    String shown = Arrays.stream(arguments).map(String::valueOf).collect(Collectors.joining(", "));
    return "%s(%s): %s (%d)".formatted(operation, shown, Errno.name(errno), errno);
  }

  public String operation() {
    return operation;
  }

  public int errno() {
    return errno;
  }

  /** The symbolic name of {@link #errno()}, for example {@code ECONNREFUSED}. */
  public String errnoName() {
    return Errno.name(errno);
  }

  public List<Object> arguments() {
    return arguments == null ? List.of() : arguments;
  }
}
