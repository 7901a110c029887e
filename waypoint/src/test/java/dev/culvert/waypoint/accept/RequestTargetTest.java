// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestTargetTest {
  @ParameterizedTest
  @CsvSource({
    "/, /",
    "/shop/cart, /shop/cart",
    "/shop/, /shop/",
    "/%61dmin, /admin",
    "/a%2fb?x, ",
    "/caf%c3%a9, /caf%C3%A9",
    "/a//b, /a/b",
    "//a, /a",
    "/a/./b, /a/b",
    "/a/../b, /b",
    "/a/b/.., /a/",
    "/a/%2e%2e/admin, /admin",
    "/a.b/c..d, /a.b/c..d",
    "/.well-known/x, /.well-known/x",
    "/a/.., /",
  })
  void pathHasOneForm(String sent, String normal) throws RejectedRequestException {
    if (normal == null) {
      refused(sent);
    } else {
      assertThat(RequestTarget.parse(sent).path()).isEqualTo(normal);
      assertThat(RequestTarget.parse(normal).path()).as("stable").isEqualTo(normal);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "shop",
        "http://a/",
        "*",
        "/..",
        "/a/../../b",
        "/%2e%2e",
        "/a\\b",
        "/a%5Cb",
        "/a%00",
        "/a%2",
        "/a%zz",
        "/a b",
        "/a#b",
        "/é"
      })
  void ambiguousTargetRefused(String sent) {
    refused(sent);
  }

  @Test
  void queryIsKeptAsSent() throws RejectedRequestException {
    assertThat(RequestTarget.parse("/a?b=%2F/../c?d").query()).isEqualTo("b=%2F/../c?d");
    assertThat(RequestTarget.parse("/a").query()).isEmpty();
  }

  @Test
  void overlongTargetRefused() {
    refused("/" + "a".repeat(RequestTarget.MAX_LENGTH));
  }

  private static void refused(String sent) {
    assertThatThrownBy(() -> RequestTarget.parse(sent))
        .isInstanceOf(RejectedRequestException.class);
  }
}
