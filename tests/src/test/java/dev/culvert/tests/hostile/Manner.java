// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import javax.net.ssl.SSLParameters;

/**
 * How a played server behaves where servers differ.
 *
 * @param settings its first frame
 * @param headers in the answer, beside the status
 * @param tls changes what it takes
 * @param gate what TLS waits for
 * @param answersPings whether it answers PINGs
 */
public record Manner(
    Frame settings,
    Map<String, String> headers,
    Consumer<SSLParameters> tls,
    CountDownLatch gate,
    boolean answersPings) {

  /** As most would. */
  public static Manner plain() {
    return new Manner(Frame.settings(), Map.of(), _ -> {}, new CountDownLatch(0), true);
  }

  public Manner withSettings(Frame other) {
    return new Manner(other, headers, tls, gate, answersPings);
  }

  public Manner withHeader(String name, String value) {
    return new Manner(settings, Map.of(name, value), tls, gate, answersPings);
  }

  public Manner withTls(Consumer<SSLParameters> other) {
    return new Manner(settings, headers, other, gate, answersPings);
  }

  public Manner behind(CountDownLatch other) {
    return new Manner(settings, headers, tls, other, answersPings);
  }

  public Manner deaf() {
    return new Manner(settings, headers, tls, gate, false);
  }
}
