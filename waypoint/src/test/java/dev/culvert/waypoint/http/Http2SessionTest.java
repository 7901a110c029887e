// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server's HTTP/2 connection, by the sections of RFC 9113. */
final class Http2SessionTest {
  private PlayedSession played = PlayedSession.server();

  @AfterEach
  void close() {
    played.close();
  }

  private PlayedSession.End opened(int stream) {
    played.post(stream);
    played.told();
    return played.ends.get(stream);
  }

  private PlayedSession.End asked(int stream) {
    played.get(stream);
    played.told();
    return played.ends.get(stream);
  }

  // === 3.4, the preface ===

  @Test
  void serverGreetsFirst() {
    try (PlayedSession silent = PlayedSession.silent()) {
      assertThat(silent.heard())
          .containsExactly(
              "setting 3 4",
              "setting 4 100000",
              "setting 6 8000",
              "setting 8 1",
              "window 0 " + (PlayedSession.ALL_WINDOWS - 65_535));
    }
  }

  @Test
  void whatIsNoPrefaceEndsTheConnection() {
    try (PlayedSession silent = PlayedSession.silent()) {
      silent.heard();
      silent.send(4, 0, 0, "");
      assertThat(silent.heard()).containsExactly("goaway 0 PROTOCOL_ERROR");
      assertThat(silent.channel.isOpen()).isFalse();
    }
  }

  // === 5.1, states of a stream ===

  @Test
  void requestAndResponseEndTheStream() {
    PlayedSession.End end = asked(1);
    end.respond(PlayedSession.head(200), false);
    end.say("hello", true);
    assertThat(played.heard()).containsExactly("headers 1 :status=200", "data 1 5 end");
    played.data(1, 10, false);
    played.sendInts(3, 0, 1, 8);
    played.grant(1, 10);
    assertThat(played.heard()).as("what was on its way is no error").isEmpty();
    assertThat(played.channel.isOpen()).isTrue();
  }

  @Test
  void dataAfterTheEndResetsTheStreamAlone() {
    asked(1);
    opened(3);
    played.data(1, 10, false);
    assertThat(played.heard()).containsExactly("reset 1 STREAM_CLOSED");
    played.data(3, 10, true);
    assertThat(played.told()).containsExactly("1 failed gone", "3 data 10", "3 end");
  }

  @Test
  void headersAfterTheEndResetTheStream() {
    asked(1);
    played.headers(1, true, "x", "y");
    assertThat(played.heard()).containsExactly("reset 1 STREAM_CLOSED");
  }

  @Test
  void resetOfThePeerIsToldWithItsReason() {
    opened(1);
    played.sendInts(3, 0, 1, 8);
    assertThat(played.told()).containsExactly("1 failed CANCEL");
    assertThat(played.heard()).isEmpty();
  }

  // === 5.1.1, numbers of streams ===

  @Test
  void numberThatWasLeftOutIsClosed() {
    asked(5);
    played.get(3);
    assertThat(played.heard()).containsExactly("reset 3 STREAM_CLOSED");
    played.get(7);
    assertThat(played.told()).containsExactly("7 GET /", "7 end");
  }

  @Test
  void trailersOfAStreamThatWeResetAreIgnored() {
    opened(1).reset();
    assertThat(played.heard()).containsExactly("reset 1 CANCEL");
    played.headers(1, true, "x", "y");
    assertThat(played.heard()).isEmpty();
  }

  // === 5.1.2, how many there may be ===

  @Test
  void streamAboveTheMostIsRefusedAlone() {
    for (int stream = 1; stream <= 9; stream += 2) {
      played.get(stream);
    }
    assertThat(played.heard()).containsExactly("reset 9 REFUSED_STREAM");
    played.ends.get(1).respond(PlayedSession.head(204), true);
    played.heard();
    played.get(11);
    assertThat(played.told()).contains("11 GET /");
  }

  // === 5.2 and 6.9, windows ===

  @Test
  void bodyWaitsForTheWindowOfItsStream() {
    played.setting(4, 10);
    played.heard();
    PlayedSession.End end = asked(1);
    end.respond(PlayedSession.head(200), false);
    end.say("x".repeat(25), true);
    assertThat(played.heard()).containsExactly("headers 1 :status=200", "data 1 10");
    played.grant(1, 10);
    assertThat(played.heard()).containsExactly("data 1 10");
    played.grant(1, 10);
    assertThat(played.heard()).containsExactly("data 1 5 end");
  }

  @Test
  void bodiesWaitForTheWindowOfAll() {
    played.setting(4, 1_000_000);
    played.heard();
    PlayedSession.End first = asked(1);
    PlayedSession.End second = asked(3);
    first.respond(PlayedSession.head(200), false);
    first.say("x".repeat(65_535), false);
    second.respond(PlayedSession.head(200), false);
    played.heard();
    second.say("y".repeat(10), true);
    assertThat(played.heard()).isEmpty();
    first.end(new DefaultHttpHeaders());
    first.flush();
    assertThat(played.heard()).as("an end needs no window").containsExactly("data 1 0 end");
    played.grant(0, 100);
    assertThat(played.heard()).containsExactly("data 3 10 end");
  }

  @Test
  void windowThatShrinksIsPaidOffFirst() {
    played.setting(4, 20);
    PlayedSession.End end = asked(1);
    end.respond(PlayedSession.head(200), false);
    end.say("x".repeat(30), true);
    played.heard();
    played.setting(4, 5);
    played.grant(1, 15);
    assertThat(played.heard()).containsExactly("settings ack");
    played.grant(1, 10);
    assertThat(played.heard()).containsExactly("data 1 10 end");
  }

  @Test
  void streamsTakeTurns() {
    played.setting(4, 1_000_000);
    played.grant(0, 1_000_000);
    played.heard();
    PlayedSession.End first = asked(1);
    PlayedSession.End second = asked(3);
    first.respond(PlayedSession.head(200), false);
    second.respond(PlayedSession.head(200), false);
    played.heard();
    first.say("x".repeat(40_000), true);
    second.say("y".repeat(20_000), true);
    assertThat(played.heard())
        .containsExactly(
            "data 1 16384", "data 3 16384", "data 1 16384", "data 3 3616 end", "data 1 7232 end");
  }

  @Test
  void windowOfAStreamThatOverflowsResetsItAlone() {
    opened(1);
    played.grant(1, Integer.MAX_VALUE);
    assertThat(played.heard()).containsExactly("reset 1 FLOW_CONTROL_ERROR");
    opened(3);
    played.grant(3, 0);
    assertThat(played.heard()).containsExactly("reset 3 PROTOCOL_ERROR");
    assertThat(played.channel.isOpen()).isTrue();
  }

  @Test
  void initialWindowThatOverflowsAStreamEndsTheConnection() {
    opened(1);
    played.grant(1, Integer.MAX_VALUE - 65_535);
    played.setting(4, 65_536);
    assertThat(played.heard()).containsExactly("goaway 1 FLOW_CONTROL_ERROR");
  }

  @Test
  void peerThatSendsMoreThanTheWindowOfAStreamLosesIt() {
    opened(1).takes = false;
    for (int i = 0; i <= PlayedSession.WINDOW / 16_000; i++) {
      played.data(1, 16_000, false);
    }
    assertThat(played.heard()).contains("reset 1 FLOW_CONTROL_ERROR");
    assertThat(played.channel.isOpen()).isTrue();
  }

  @Test
  void peerThatSendsMoreThanTheWindowOfAllIsLeft() {
    for (int stream = 1; stream <= 7; stream += 2) {
      opened(stream).takes = false;
      for (int i = 0; i < 6; i++) {
        played.data(stream, 16_000, false);
      }
    }
    assertThat(played.heard()).containsExactly("goaway 7 FLOW_CONTROL_ERROR");
  }

  @Test
  void windowIsGivenBackWhenTheBytesAreTaken() {
    PlayedSession.End end = opened(1);
    end.takes = false;
    for (int i = 0; i < 6; i++) {
      played.data(1, 16_000, false);
    }
    assertThat(played.heard()).isEmpty();
    end.consumed(96_000);
    assertThat(played.heard()).containsExactly("window 1 96000");
  }

  @Test
  void windowOfAllComesBackFromAStreamThatBreaks() {
    for (int stream = 1; stream <= 21; stream += 2) {
      PlayedSession.End end = opened(stream);
      end.takes = false;
      played.data(stream, 16_000, false);
      end.reset();
      end.consumed(16_000);
    }
    assertThat(played.heard()).contains("window 0 160000");
  }

  @Test
  void paddingCountsForWindowsAndIsGivenBackAtOnce() {
    opened(1).takes = false;
    String padded = "\u00ff" + "x" + "\0".repeat(255);
    for (int i = 0; i < 200; i++) {
      played.send(0, 8, 1, padded);
    }
    assertThat(played.heard()).contains("window 1 50176");
  }

  @Test
  void writerThatWasHeldIsToldOfRoom() {
    played.setting(4, 10);
    PlayedSession.End end = asked(1);
    end.respond(PlayedSession.head(200), false);
    assertThat(end.isWritable()).isTrue();
    end.say("x".repeat(10), false);
    played.heard();
    assertThat(end.isWritable()).isFalse();
    played.grant(1, 10);
    assertThat(played.told()).containsExactly("1 writable");
    end.say("x".repeat(10), false);
    played.heard();
    assertThat(end.isWritable()).isFalse();
    played.setting(4, 30);
    assertThat(played.told()).containsExactly("1 writable");
  }

  @Test
  void streamThatIsNotReadHoldsNoOther() {
    played.setting(4, 0);
    PlayedSession.End still = asked(1);
    still.respond(PlayedSession.head(200), false);
    still.say("x".repeat(200_000), false);
    PlayedSession.End moving = asked(3);
    moving.respond(PlayedSession.head(200), false);
    played.grant(3, 10);
    played.heard();
    assertThat(moving.isWritable()).isTrue();
    moving.say("y", true);
    assertThat(played.heard()).containsExactly("data 3 1 end");
  }

  // === 6.5, SETTINGS ===

  @Test
  void settingsAreAcknowledgedAndUnknownOnesIgnored() {
    played.setting(77, 1);
    assertThat(played.heard()).containsExactly("settings ack");
    played.setting(2, 2);
    assertThat(played.heard()).containsExactly("goaway 0 PROTOCOL_ERROR");
  }

  @Test
  void framesAreAsLongAsThePeerTakesThem() {
    played.setting(5, 20_000);
    played.heard();
    PlayedSession.End end = asked(1);
    end.respond(PlayedSession.head(200), false);
    end.say("x".repeat(21_000), true);
    assertThat(played.heard())
        .containsExactly("headers 1 :status=200", "data 1 20000", "data 1 1000 end");
  }

  // === 6.7, PING ===

  @Test
  void pingIsAnswered() {
    played.sendInts(6, 0, 0, 0, 77);
    assertThat(played.heard()).containsExactly("pong 77");
  }

  // === 6.8, GOAWAY ===

  @Test
  void requestOnItsWayIsServedWhenTheConnectionLeaves() {
    asked(1);
    played.session.leaves();
    assertThat(played.heard()).containsExactly("goaway 2147483647 NO_ERROR", "ping 1");
    PlayedSession.End late = asked(3);
    played.sendInts(6, 1, 0, 0, 1);
    assertThat(played.heard()).containsExactly("goaway 3 NO_ERROR");
    played.get(5);
    played.data(5, 10, false);
    assertThat(played.told()).as("too late").isEmpty();
    played.ends.get(1).respond(PlayedSession.head(204), true);
    late.respond(PlayedSession.head(204), true);
    assertThat(played.channel.isOpen()).isTrue();
    played.answerPing();
    assertThat(played.channel.isOpen()).isFalse();
  }

  @Test
  void peerThatAnswersNoPingIsLeftAllTheSame() {
    played.session.leaves();
    played.later(1000);
    assertThat(played.heard())
        .containsExactly("goaway 2147483647 NO_ERROR", "ping 1", "goaway 0 NO_ERROR", "ping 2");
    assertThat(played.channel.isOpen()).isTrue();
    played.later(1000);
    assertThat(played.channel.isOpen()).isFalse();
  }

  @Test
  void clientThatLeavesGetsItsAnswers() {
    PlayedSession.End end = asked(1);
    played.sendInts(7, 0, 0, 0, 0);
    end.respond(PlayedSession.head(204), true);
    assertThat(played.heard()).containsExactly("headers 1 :status=204 end");
  }

  // === 8.1, messages ===

  @Test
  void responseBeforeTheEndOfItsRequestIsWholeBeforeItResets() {
    played.setting(4, 10);
    played.heard();
    PlayedSession.End end = opened(1);
    end.respond(PlayedSession.head(413), false);
    end.say("x".repeat(15), true);
    assertThat(played.heard()).containsExactly("headers 1 :status=413", "data 1 10");
    played.grant(1, 10);
    assertThat(played.heard()).containsExactly("data 1 5 end", "reset 1 NO_ERROR");
    played.data(1, 10, true);
    assertThat(played.heard()).isEmpty();
  }

  @Test
  void trailersComeAfterTheLastByte() {
    played.setting(4, 10);
    played.heard();
    PlayedSession.End end = asked(1);
    end.respond(PlayedSession.head(200), false);
    end.say("x".repeat(15), false);
    end.end(new DefaultHttpHeaders().add("Grpc-Status", "0").add("Host", "no"));
    end.flush();
    played.heard();
    played.grant(1, 10);
    assertThat(played.heard()).containsExactly("data 1 5", "headers 1 grpc-status=0 end");
  }

  @Test
  void trailersOfARequestAreItsEnd() {
    opened(1);
    played.data(1, 3, false);
    played.headers(1, true, "x-sum", "3");
    assertThat(played.told()).containsExactly("1 data 3", "1 end [x-sum=3]");
    opened(3);
    played.headers(3, false, "x-sum", "3");
    opened(5);
    played.headers(5, true, ":path", "/");
    assertThat(played.heard()).containsExactly("reset 3 PROTOCOL_ERROR", "reset 5 PROTOCOL_ERROR");
  }

  // === 8.1.1, malformed messages ===

  @Test
  void bodyOfAnotherLengthThanItsHeadSaysResetsTheStream() {
    played.post(1, "content-length", "5");
    played.data(1, 3, true);
    played.post(3, "content-length", "5");
    played.data(3, 3, false);
    played.data(3, 3, false);
    assertThat(played.heard()).containsExactly("reset 1 PROTOCOL_ERROR", "reset 3 PROTOCOL_ERROR");
    assertThat(played.told())
        .containsExactly(
            "1 POST /", "1 data 3", "1 failed gone", "3 POST /", "3 data 3", "3 failed gone");
    played.post(5, "content-length", "5");
    played.data(5, 3, false);
    played.data(5, 2, true);
    assertThat(played.told()).contains("5 end");
  }

  @Test
  void headThatIsNoneResetsTheStreamAlone() {
    played.headers(1, true, ":method", "GET", ":scheme", "http", ":path", "/", "Upper", "x");
    assertThat(played.heard()).containsExactly("reset 1 PROTOCOL_ERROR");
    played.get(3);
    assertThat(played.told()).containsExactly("3 GET /", "3 end");
  }

  // === 10.5, what costs more than it should ===

  @Test
  void headOfTooManyBytesIsRefusedAlone() {
    List<String> fields = new ArrayList<>(List.of(PlayedSession.request("GET")));
    fields.addAll(List.of("x", "y".repeat(8_000)));
    played.headers(1, true, fields.toArray(String[]::new));
    assertThat(played.heard()).containsExactly("headers 1 :status=431 end", "reset 1 NO_ERROR");
    played.get(3);
    assertThat(played.told()).containsExactly("3 GET /", "3 end");
  }

  @Test
  void pingsWithoutEndAreAFlood() {
    played.pings(Http2Flood.FRAMES);
    assertThat(played.heard()).endsWith("goaway 0 ENHANCE_YOUR_CALM");
    assertThat(played.channel.isOpen()).isFalse();
  }

  @Test
  void windowsForWhatWasReadAreNone() {
    PlayedSession.End end = asked(1);
    end.respond(PlayedSession.head(200), false);
    for (int i = 0; i <= Http2Flood.FRAMES / 100; i++) {
      end.say("x".repeat(51_200), false);
      played.heard();
      played.grants(1, 1_024, 50);
    }
    assertThat(played.channel.isOpen()).isTrue();
  }

  @Test
  void streamsThatWeMustResetAreAFlood() {
    for (int stream = 1; stream <= 2 * Http2Flood.FRAMES / Http2Flood.COSTLY; stream += 2) {
      played.post(stream);
      played.grant(stream, 0);
    }
    assertThat(played.heard().getLast()).startsWith("goaway").endsWith("ENHANCE_YOUR_CALM");
  }

  @Test
  void connectionThatEndsTellsItsStreams() {
    played.setting(4, 0);
    opened(1);
    PlayedSession.End end = asked(3);
    end.say("never sent", true);
    var _ = played.channel.close();
    assertThat(played.told()).containsExactlyInAnyOrder("1 failed gone", "3 failed gone");
  }
}
