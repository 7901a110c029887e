// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.answer;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/** A failure and what caused it, in one line for an operator. */
public final class Causes {
  private Causes() {}

  /** The distinct messages from outside to inside; a cause without one gives its type. */
  public static String of(Throwable failure) {
    List<String> messages = new ArrayList<>();
    for (Throwable t = failure; t != null && messages.size() < 5; t = t.getCause()) {
      String message = message(t);
      if (messages.stream().noneMatch(m -> m.contains(message))) {
        messages.add(message);
      }
      if (t instanceof KubernetesClientException) {
        break; // its causes are in it
      }
    }
    return String.join(": ", messages);
  }

  /**
   * Those of the file system say only which file, and their type what is wrong with it; those of an
   * API server carry its answer several times over.
   */
  private static String message(Throwable failure) {
    return switch (failure) {
      case NoSuchFileException e -> e.getFile() + ": no such file";
      case AccessDeniedException e -> e.getFile() + ": permission denied";
      case KubernetesClientException e -> ApiFailure.text(e);
      case FileAlreadyExistsException e -> e.getFile() + ": is there already";
      default ->
          failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    };
  }
}
