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
 * @param answers whether it answers what it is asked for
 */
public record Manner(
    Frame settings,
    Map<String, String> headers,
    Consumer<SSLParameters> tls,
    CountDownLatch gate,
    boolean answersPings,
    boolean answers) {

  /** As most would. */
  public static Manner plain() {
    return new Manner(Frame.settings(), Map.of(), _ -> {}, new CountDownLatch(0), true, true);
  }

  public Manner withSettings(Frame other) {
    return new Manner(other, headers, tls, gate, answersPings, answers);
  }

  public Manner withHeader(String name, String value) {
    return new Manner(settings, Map.of(name, value), tls, gate, answersPings, answers);
  }

  public Manner withTls(Consumer<SSLParameters> other) {
    return new Manner(settings, headers, other, gate, answersPings, answers);
  }

  public Manner behind(CountDownLatch other) {
    return new Manner(settings, headers, tls, other, answersPings, answers);
  }

  public Manner deaf() {
    return new Manner(settings, headers, tls, gate, false, answers);
  }

  public Manner mute() {
    return new Manner(settings, headers, tls, gate, answersPings, false);
  }
}
