// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client's HTTP/2 connection, by the sections of RFC 9113. */
final class Http2ClientSessionTest {
  private final PlayedSession played = PlayedSession.client();

  @AfterEach
  void close() {
    played.close();
  }

  private static HttpRequest get() {
    HttpRequest get = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/a");
    get.headers().set("Host", "shop").set("X-One", "1");
    return get;
  }

  @Test
  void requestOpensAStream() {
    PlayedSession.End end = played.session.open(get(), true);
    assertThat(end.id()).isEqualTo(3);
    assertThat(played.heard())
        .containsExactly("headers 3 :method=GET :scheme=http :path=/a :authority=shop x-one=1 end");
    played.headers(3, false, ":status", "103");
    played.headers(3, false, ":status", "200");
    played.data(3, 5, false);
    played.headers(3, true, "x-sum", "5");
    assertThat(played.told())
        .containsExactly("3 status 103", "3 status 200", "3 data 5", "3 end [x-sum=5]");
  }

  @Test
  void responseToHeadHasALengthAndNoBody() {
    played.session.open(get(), true);
    played.headers(3, true, ":status", "200", "content-length", "7");
    assertThat(played.told()).contains("3 end");
    played.session.open(get(), true);
    played.headers(5, false, ":status", "200", "content-length", "7");
    played.data(5, 3, true);
    assertThat(played.told()).contains("5 failed gone");
    assertThat(played.heard()).contains("reset 5 PROTOCOL_ERROR");
  }

  @Test
  void streamsThatThePeerDidNotSeeAreUntouched() {
    played.session.open(get(), true);
    played.session.open(get(), true);
    played.sendInts(7, 0, 0, 3, 0);
    assertThat(played.told()).containsExactly("5 failed gone untouched", "going away");
    assertThat(played.session.opens()).isFalse();
    played.headers(3, true, ":status", "204");
    assertThat(played.told()).containsExactly("3 status 204", "3 end");
  }

  @Test
  void streamOfThePeerIsAnError() {
    played.headers(2, true, ":status", "200");
    assertThat(played.heard()).containsExactly("goaway 0 PROTOCOL_ERROR");
  }

  @Test
  void headersOfAStreamThatNeverWasAreAnError() {
    played.session.open(get(), true);
    played.heard();
    played.headers(5, true, ":status", "200");
    assertThat(played.heard()).containsExactly("goaway 0 PROTOCOL_ERROR");
  }

  @Test
  void pushThatWasSwitchedOffIsAnError() {
    played.setting(2, 1);
    assertThat(played.heard()).containsExactly("goaway 0 PROTOCOL_ERROR");
  }

  @Test
  void peerIsToldOfTheEnd() {
    played.session.open(get(), true);
    played.heard();
    played.session.ends();
    assertThat(played.heard()).containsExactly("goaway 0 NO_ERROR");
    assertThat(played.told()).containsExactly("3 failed gone");
  }
}
