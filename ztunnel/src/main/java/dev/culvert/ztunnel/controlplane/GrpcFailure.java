// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.controlplane;

import io.grpc.Status;
import java.security.cert.CertificateException;
import java.util.Optional;

/** Says in one line why a call failed. */
public final class GrpcFailure {
  private GrpcFailure() {}

  /** The status, its first line, and the innermost cause, which names the file or the address. */
  public static String describe(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    String description =
        Optional.ofNullable(status.getDescription())
            .flatMap(text -> text.lines().findFirst())
            .map(text -> " " + text)
            .orElse("");
    return status.getCode() + description + innermost(status.getCause());
  }

  private static String innermost(Throwable cause) {
    Throwable inner = cause;
    while (inner != null && inner.getCause() != null && !says(inner)) {
      inner = inner.getCause();
    }
    return inner == null ? "" : " (" + inner.getMessage() + ")";
  }

  /** Our own trust check explains more than what the JDK says below it. */
  private static boolean says(Throwable cause) {
    return cause instanceof CertificateException;
  }
}
