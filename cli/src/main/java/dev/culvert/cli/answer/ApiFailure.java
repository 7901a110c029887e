// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.answer;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Why an API server did not do what it was asked for, in one sentence with what to do about it. */
final class ApiFailure {
  private ApiFailure() {}

  static String text(KubernetesClientException failure) {
    return failure.getCode() <= 0 ? silence(failure) : refusal(failure);
  }

  private static String refusal(KubernetesClientException failure) {
    String said =
        Optional.ofNullable(failure.getStatus())
            .map(Status::getMessage)
            .orElseGet(() -> String.valueOf(failure.getMessage()));
    return switch (failure.getCode()) {
      case HttpURLConnection.HTTP_UNAUTHORIZED ->
          "the API server does not know who asks (401): renew the credentials of the kubeconfig";
      case HttpURLConnection.HTTP_FORBIDDEN ->
          "the API server does not allow it (403): %s; use a kubeconfig that may".formatted(said);
      default -> "the API server answers %d: %s".formatted(failure.getCode(), said);
    };
  }

  private static String silence(KubernetesClientException failure) {
    return "the API server does not answer: "
        + reason(failure)
        + "; see whether it runs, and is where the kubeconfig says";
  }

  /** What the HTTP client throws tells little by its messages, and enough by its types. */
  private static String reason(Throwable failure) {
    if (has(failure, UnresolvedAddressException.class)
        || has(failure, UnknownHostException.class)) {
      return "nobody knows its name";
    }
    if (has(failure, HttpTimeoutException.class) || has(failure, TimeoutException.class)) {
      return "no word came in time";
    }
    if (has(failure, SSLException.class)) {
      return "TLS failed, " + innermost(failure);
    }
    return has(failure, ConnectException.class)
        ? "its port cannot be connected to"
        : innermost(failure);
  }

  private static boolean has(Throwable failure, Class<? extends Throwable> type) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return true;
      }
    }
    return false;
  }

  private static String innermost(Throwable failure) {
    Throwable last = failure;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    return last.getMessage() == null ? last.getClass().getSimpleName() : last.getMessage();
  }
}
