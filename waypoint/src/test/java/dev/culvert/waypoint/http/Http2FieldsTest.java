// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Header blocks as they come and go (RFC 9113, section 8.2 and 8.3). */
final class Http2FieldsTest {
  private static Http2Fields decoded(String... fields) throws Http2Exception {
    ByteBuf block = Unpooled.buffer();
    DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    for (int i = 0; i < fields.length; i += 2) {
      // One by one: a table would sort them, and refuse some.
      Http2Headers one = new DefaultHttp2Headers(false).add(fields[i], fields[i + 1]);
      encoder.encodeHeaders(1, one, block);
    }
    return (Http2Fields) new Http2FieldsDecoder(10_000).decodeHeaders(1, block);
  }

  private static Http2Fields get(String... more) throws Http2Exception {
    List<String> all = new ArrayList<>(List.of(PlayedSession.request("GET")));
    all.addAll(List.of(more));
    return decoded(all.toArray(String[]::new));
  }

  @Test
  void authorityIsTheHost() throws Http2Exception {
    HttpRequest request = Http2Messages.request(get("x", "1", "x", "2"), true);
    assertThat(request.method()).isEqualTo(HttpMethod.GET);
    assertThat(request.uri()).isEqualTo("/");
    assertThat(request.headers().getAll("Host")).containsExactly("shop");
    assertThat(request.headers().getAll("X")).containsExactly("1", "2");
  }

  @Test
  void hostMaySayTheSameAgain() throws Http2Exception {
    assertThat(get("host", "SHOP").fields().getAll("host")).containsExactly("shop");
    assertThat(get("host", "other").fields().getAll("host")).containsExactly("shop", "other");
  }

  @Test
  void cookiesAreOneField() throws Http2Exception {
    assertThat(get("cookie", "a=1").fields().getAll("cookie")).containsExactly("a=1");
    HttpHeaders fields = get("cookie", "a=1", "x", "y", "cookie", "b=2", "cookie", "c=3").fields();
    assertThat(fields.getAll("cookie")).containsExactly("a=1; b=2; c=3");
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          Upper,          x
          '',             x
          'a b',          x
          a:b,            x
          :unknown,       x
          :status,        200
          :path,          /again
          connection,     close
          keep-alive,     1
          proxy-connection, x
          transfer-encoding, chunked
          upgrade,        websocket
          te,             gzip
          """)
  void fieldsThatHttp2DoesNotHaveAreRefused(String name, String value) {
    assertThatThrownBy(() -> get(name, value)).isInstanceOf(Http2Exception.class);
  }

  @Test
  void valuesThatHttp1CouldNotWriteAreRefused() {
    for (String value : List.of("a\r\nx: y", "a\nb", "a\0b")) {
      assertThatThrownBy(() -> get("x", value)).isInstanceOf(Http2Exception.class);
      assertThatThrownBy(() -> decoded(":method", "GET", ":path", "/" + value))
          .isInstanceOf(Http2Exception.class);
      assertThatThrownBy(() -> get("cookie", value).fields())
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void pseudoHeadersComeFirst() {
    assertThatThrownBy(() -> decoded("x", "y", ":method", "GET"))
        .isInstanceOf(Http2Exception.class);
  }

  @Test
  void requestWithoutItsPartsIsNone() throws Http2Exception {
    for (String missing : List.of(":method", ":scheme", ":path")) {
      List<String> all = new ArrayList<>(List.of(PlayedSession.request("GET")));
      int at = all.indexOf(missing);
      all.subList(at, at + 2).clear();
      Http2Fields fields = decoded(all.toArray(String[]::new));
      assertThatThrownBy(() -> Http2Messages.request(fields, true))
          .as(missing)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void webSocketIsAnUpgrade() throws Http2Exception {
    Http2Fields fields =
        decoded(
            ":method",
            "CONNECT",
            ":protocol",
            "websocket",
            ":scheme",
            "https",
            ":path",
            "/chat",
            ":authority",
            "shop");
    HttpRequest request = Http2Messages.request(fields, false);
    assertThat(request.method()).isEqualTo(HttpMethod.GET);
    assertThat(request.headers().get("upgrade")).isEqualTo("websocket");
    assertThat(request.headers().get("sec-websocket-key")).hasSize(24);
  }

  // === what is written ===

  private static List<String> written(Http2Block block) throws Http2Exception {
    ByteBuf bytes = Unpooled.buffer();
    new DefaultHttp2HeadersEncoder().encodeHeaders(1, block, bytes);
    List<String> all = new ArrayList<>();
    new DefaultHttp2HeadersDecoder(true)
        .decodeHeaders(1, bytes)
        .forEach(field -> all.add(field.getKey() + "=" + field.getValue()));
    return all;
  }

  @Test
  void requestIsWrittenWithoutWhatIsOfOneConnection() throws Http2Exception {
    HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.PUT, "/a?b");
    request
        .headers()
        .add("Host", "shop")
        .add("Connection", "x")
        .add("Transfer-Encoding", "chunked")
        .add("X-One", "1")
        .add("x-one", "2");
    Http2Block block = new Http2Block();
    assertThat(written(block.request(request, "http")))
        .containsExactly(
            ":method=PUT", ":scheme=http", ":path=/a?b", ":authority=shop", "x-one=1", "x-one=2");
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NOT_FOUND);
    response.headers().add("Server", "s");
    assertThat(written(block.response(response)))
        .as("nothing of the block before")
        .containsExactly(":status=404", "server=s");
  }

  @Test
  void upgradeIsWrittenAsAnExtendedConnect() throws Http2Exception {
    HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/chat");
    request.headers().add("Upgrade", "websocket").add("Sec-WebSocket-Key", "k");
    assertThat(written(new Http2Block().request(request, "http")))
        .containsExactly(":method=CONNECT", ":scheme=http", ":path=/chat", ":protocol=websocket");
    HttpResponse switches =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
    switches.headers().add("Sec-WebSocket-Accept", "a").add("x", "y");
    assertThat(written(new Http2Block().response(switches))).containsExactly(":status=200", "x=y");
  }
}
