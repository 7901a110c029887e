// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of a collector's answers, as RFC 9112 has them. */
final class CollectorAnswerTest {
  private static InputStream said(String text) {
    return new ByteArrayInputStream(text.replace("\n", "\r\n").getBytes(ISO_8859_1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5;a=b\nhello\n0\nx-end: 1\n\n",
        "HTTP/1.1 200\ncontent-length:0\n\n",
        "HTTP/1.1 204 No Content\n\n",
        "HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\ncontent-length: 0\n\n",
      })
  void nextAnswerFollows(String first) throws IOException {
    InputStream in = said(first + "HTTP/1.1 503 Busy\ncontent-length: 0\n\n");
    CollectorAnswer answer = CollectorAnswer.read(in);
    assertThat(answer.status() / 100).isEqualTo(2);
    assertThat(answer.keeps()).isTrue();
    assertThat(CollectorAnswer.read(in)).isEqualTo(new CollectorAnswer(503, true));
    assertThat(in.read()).isNegative();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\nConnection: close\ncontent-length: 0\n\n",
        "HTTP/1.0 200 OK\ncontent-length: 0\n\n",
        "HTTP/1.1 200 OK\n\nuntil its end",
        "HTTP/1.1 200 OK\ncontent-length: 9\n\nshort",
        "HTTP/1.1 200 OK\ncontent-length: 9999999999\n\n",
        "HTTP/1.1 200 OK\ncontent-length: -1\n\n",
        "HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\nnone\n",
        "HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n-5\nhello\n0\n\n",
        "HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n5\nhello!\n0\n\n",
      })
  void statusStandsAndTheConnectionIsNotUsedAgain(String answer) throws IOException {
    assertThat(CollectorAnswer.read(said(answer))).isEqualTo(new CollectorAnswer(200, false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 200 OK\nx: y\n", "SSH-2.0-x\n", "HTTP/1.1 abc\n\n", "\n"})
  void whatIsNoAnswerIsSaid(String answer) {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> CollectorAnswer.read(said(answer)));
  }

  @Test
  void statusNamesThatOfTheLastOfSeveral() throws IOException {
    assertThat(CollectorAnswer.read(said("HTTP/1.1 103 Early\nx: y\n\nHTTP/1.1 400 No\n\n")))
        .isEqualTo(new CollectorAnswer(400, false));
  }
}
