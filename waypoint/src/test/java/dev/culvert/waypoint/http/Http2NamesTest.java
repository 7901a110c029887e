// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a field's name on its way into HTTP/2. */
final class Http2NamesTest {
  @ParameterizedTest
  @ValueSource(strings = {"content-type", "Content-Type", "DATE", "X-Of-Somebody", "x-own"})
  void namesAreInLowerCase(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    assertThat(String.valueOf(Http2Names.of(name))).isEqualTo(lower);
    assertThat(String.valueOf(Http2Names.of(new AsciiString(name)))).isEqualTo(lower);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Connection", "keep-alive", "Transfer-Encoding", "Upgrade", "HOST"})
  void whatIsOfOneConnectionIsLeftOut(String name) {
    assertThat((CharSequence) Http2Names.of(name)).isNull();
    assertThat((CharSequence) Http2Names.of(new AsciiString(name))).isNull();
  }
}
