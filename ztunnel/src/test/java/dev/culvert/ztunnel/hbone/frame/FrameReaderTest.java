// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.peers.LeakWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameReaderTest {
  private static final int MAX_FRAME = 1 << 16;
  private static final int MAX_HEADERS = 4096;
  private static final Http2Headers CONNECT =
      new DefaultHttp2Headers().method("CONNECT").authority("10.0.0.1:80");

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  private static FrameReader reader(FrameListener listener) {
    return new FrameReader(listener, PooledByteBufAllocator.DEFAULT, true, MAX_FRAME, MAX_HEADERS);
  }

  private static ByteBuf buffer(byte[] bytes, int from, int to) {
    return PooledByteBufAllocator.DEFAULT.buffer(to - from).writeBytes(bytes, from, to - from);
  }

  /** One of each that may come, some padded, a header block in three pieces. */
  private static List<byte[]> frames() {
    byte[] block = RawFrame.block(CONNECT);
    byte[] first = Arrays.copyOf(block, 3);
    byte[] rest = Arrays.copyOfRange(block, 3, block.length);
    return List.of(
        RawFrame.setting(4, 1 << 20),
        RawFrame.of(4, 1, 0),
        RawFrame.of(1, 4, 1, block),
        RawFrame.of(1, 4 | 1, 3, block),
        RawFrame.of(1, 4 | 8 | 0x20, 5, padded(2, RawFrame.join(new byte[5], block))),
        RawFrame.join(
            RawFrame.of(1, 0, 7, first), RawFrame.of(9, 0, 7), RawFrame.of(9, 4, 7, rest)),
        RawFrame.of(0, 0, 1, text("hello")),
        RawFrame.of(0, 1, 1, text("the end")),
        RawFrame.of(0, 0, 3),
        RawFrame.of(0, 1, 3),
        RawFrame.of(0, 8, 5, padded(7, text("padded"))),
        RawFrame.of(0, 8 | 1, 5, padded(0, text("not padded"))),
        RawFrame.of(0, 8 | 1, 7, padded(3, new byte[0])),
        RawFrame.of(2, 0, 9, new byte[5]),
        RawFrame.of(200, 0xff, 0, new byte[11]),
        RawFrame.of(201, 0, 1),
        RawFrame.ofInts(3, 0, 1, 8),
        RawFrame.ofInts(6, 0, 0, 1, 2),
        RawFrame.ofInts(6, 1, 0, 1, 2),
        RawFrame.ofInts(8, 0, 0, 1000),
        RawFrame.ofInts(8, 0, 1, -1),
        RawFrame.join(RawFrame.of(7, 0, 0, RawFrame.join(new byte[8], text("bye\n")))));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] padded(int padding, byte[] content) {
    return RawFrame.join(new byte[] {(byte) padding}, content, new byte[padding]);
  }

  private static byte[] all(List<byte[]> frames) {
    return RawFrame.join(RawFrame.greeting(), RawFrame.join(frames.toArray(byte[][]::new)));
  }

  private static List<String> read(byte[] bytes, int... cuts) throws FrameException {
    RecordedFrames recorded = new RecordedFrames();
    FrameReader reader = reader(recorded);
    try {
      int from = 0;
      for (int cut : cuts) {
        reader.read(buffer(bytes, from, cut));
        from = cut;
      }
      reader.read(buffer(bytes, from, bytes.length));
    } finally {
      reader.close();
    }
    return recorded.events();
  }

  @Test
  void eachFrameIsUnderstood() throws Exception {
    String request = ":method=CONNECT:authority=10.0.0.1:80";
    assertThat(read(all(frames())))
        .containsExactly(
            "settings",
            "setting 4 1048576",
            "settings",
            "settings ack",
            "headers 1 " + request,
            "headers 3 " + request + " end",
            "headers 5 " + request,
            "headers 7 " + request,
            "data 1 68656c6c6f74686520656e64 +0 end",
            "data 3  +0 end",
            "data 5 7061646465646e6f7420706164646564 +9 end",
            "data 7  +4 end",
            "ignored",
            "ignored",
            "ignored",
            "reset 1 CANCEL",
            "ping 4294967298",
            "pong 4294967298",
            "window 0 1000",
            "window 1 2147483647",
            "goaway 0 NO_ERROR bye.");
  }

  @Test
  void everySplitGivesTheSameEvents() throws Exception {
    byte[] bytes = all(frames());
    List<String> whole = read(bytes);
    for (int first = 1; first < bytes.length; first++) {
      assertThat(read(bytes, first)).isEqualTo(whole);
      int second = Math.min(bytes.length - 1, first + 10);
      assertThat(read(bytes, first, second)).isEqualTo(whole);
    }
    int[] everywhere = new int[bytes.length - 1];
    Arrays.setAll(everywhere, i -> i + 1);
    assertThat(read(bytes, everywhere)).isEqualTo(whole);
  }

  @Test
  void randomConcatenationsGiveTheSameEvents() throws Exception {
    SplittableRandom random = new SplittableRandom(9113);
    List<byte[]> known = frames();
    for (int round = 0; round < 200; round++) {
      List<byte[]> some = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        some.add(known.get(random.nextInt(known.size())));
      }
      byte[] bytes = all(some);
      int[] cuts = random.ints(random.nextInt(1, 9), 1, bytes.length).sorted().distinct().toArray();
      assertThat(read(bytes, cuts)).isEqualTo(read(bytes));
    }
  }

  static Stream<Arguments> wrongFrames() {
    byte[] block = RawFrame.block(CONNECT);
    return Stream.of(
        wrong(ErrorCode.PROTOCOL_ERROR, "DATA of no stream", RawFrame.of(0, 0, 0)),
        wrong(ErrorCode.PROTOCOL_ERROR, "HEADERS of no stream", RawFrame.of(1, 4, 0, block)),
        wrong(ErrorCode.PROTOCOL_ERROR, "PRIORITY of no stream", RawFrame.of(2, 0, 0, new byte[5])),
        wrong(ErrorCode.FRAME_SIZE_ERROR, "short PRIORITY", RawFrame.of(2, 0, 1, new byte[4])),
        wrong(
            ErrorCode.PROTOCOL_ERROR,
            "HEADERS of a stream that depends on itself",
            RawFrame.of(
                1, 4 | 0x20, 1, RawFrame.join(new byte[] {(byte) 0x80, 0, 0, 1, 16}, block))),
        wrong(ErrorCode.PROTOCOL_ERROR, "reset of no stream", RawFrame.ofInts(3, 0, 0, 1)),
        wrong(ErrorCode.PROTOCOL_ERROR, "SETTINGS of a stream", RawFrame.of(4, 0, 1)),
        wrong(ErrorCode.PROTOCOL_ERROR, "PUSH_PROMISE", RawFrame.of(5, 4, 1, new byte[4])),
        wrong(ErrorCode.PROTOCOL_ERROR, "PING of a stream", RawFrame.of(6, 0, 1, new byte[8])),
        wrong(ErrorCode.PROTOCOL_ERROR, "GOAWAY of a stream", RawFrame.of(7, 0, 1, new byte[8])),
        wrong(ErrorCode.PROTOCOL_ERROR, "CONTINUATION of nothing", RawFrame.of(9, 4, 1, block)),
        wrong(
            ErrorCode.PROTOCOL_ERROR,
            "CONTINUATION of another stream",
            RawFrame.join(RawFrame.of(1, 0, 1, block), RawFrame.of(9, 4, 3))),
        wrong(
            ErrorCode.PROTOCOL_ERROR,
            "a frame within a header block",
            RawFrame.join(RawFrame.of(1, 0, 1, block), RawFrame.ofInts(6, 0, 0, 1, 2))),
        wrong(
            ErrorCode.PROTOCOL_ERROR,
            "an unknown frame within a header block",
            RawFrame.join(RawFrame.of(1, 0, 1, block), RawFrame.of(99, 0, 1))),
        wrong(ErrorCode.PROTOCOL_ERROR, "all padding", RawFrame.of(0, 8, 1, (byte) 1)),
        wrong(ErrorCode.PROTOCOL_ERROR, "headers all padding", RawFrame.of(1, 12, 1, (byte) 9)),
        wrong(ErrorCode.FRAME_SIZE_ERROR, "padded without a byte", RawFrame.of(0, 8, 1)),
        wrong(ErrorCode.FRAME_SIZE_ERROR, "no priority", RawFrame.of(1, 0x24, 1, new byte[4])),
        wrong(ErrorCode.FRAME_SIZE_ERROR, "reset of 5", RawFrame.of(3, 0, 1, new byte[5])),
        wrong(ErrorCode.FRAME_SIZE_ERROR, "half a setting", RawFrame.of(4, 0, 0, new byte[7])),
        wrong(ErrorCode.FRAME_SIZE_ERROR, "ack with settings", RawFrame.of(4, 1, 0, new byte[6])),
        wrong(ErrorCode.FRAME_SIZE_ERROR, "huge SETTINGS", RawFrame.of(4, 0, 0, new byte[6000])),
        wrong(ErrorCode.FRAME_SIZE_ERROR, "PING of 7", RawFrame.of(6, 0, 0, new byte[7])),
        wrong(ErrorCode.FRAME_SIZE_ERROR, "GOAWAY of 7", RawFrame.of(7, 0, 0, new byte[7])),
        wrong(ErrorCode.FRAME_SIZE_ERROR, "window of 3", RawFrame.of(8, 0, 1, new byte[3])),
        wrong(
            ErrorCode.FRAME_SIZE_ERROR, "too long", RawFrame.of(0, 0, 1, new byte[MAX_FRAME + 1])),
        wrong(
            ErrorCode.FRAME_SIZE_ERROR,
            "unknown too long",
            RawFrame.of(99, 0, 1, new byte[70_000])),
        wrong(ErrorCode.FRAME_SIZE_ERROR, "long block", RawFrame.of(1, 4, 1, new byte[5000])),
        wrong(ErrorCode.COMPRESSION_ERROR, "index 0", RawFrame.of(1, 4, 1, (byte) 0x80)),
        wrong(ErrorCode.COMPRESSION_ERROR, "half a header", RawFrame.of(1, 4, 1, (byte) 0x40)),
        wrong(
            ErrorCode.COMPRESSION_ERROR,
            "a table above ours",
            RawFrame.of(1, 4, 1, new byte[] {0x3f, (byte) 0xe2, 0x1f})),
        wrong(
            ErrorCode.COMPRESSION_ERROR,
            "three sizes",
            RawFrame.of(1, 4, 1, RawFrame.join(new byte[] {0x20, 0x3f, (byte) 0xe1, 0x1f, 0x20}))),
        wrong(
            ErrorCode.ENHANCE_YOUR_CALM,
            "endless CONTINUATION",
            RawFrame.join(
                RawFrame.of(1, 0, 1),
                RawFrame.join(
                    Stream.generate(() -> RawFrame.of(9, 0, 1)).limit(40).toArray(byte[][]::new)))),
        wrong(
            ErrorCode.ENHANCE_YOUR_CALM,
            "a long header block in pieces",
            RawFrame.join(
                RawFrame.of(1, 0, 1, new byte[3000]), RawFrame.of(9, 0, 1, new byte[3000]))));
  }

  private static Arguments wrong(ErrorCode code, String what, byte[] frame) {
    return Arguments.of(code, what, frame);
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("wrongFrames")
  void wrongFrameEndsTheConnection(ErrorCode code, String what, byte[] frame) {
    byte[] bytes = RawFrame.join(RawFrame.greeting(), frame);
    assertThatThrownBy(() -> read(bytes))
        .as(what)
        .isInstanceOfSatisfying(FrameException.class, e -> assertThat(e.code()).isEqualTo(code));
    for (int cut = 1; cut < Math.min(bytes.length, 100); cut++) {
      int at = cut;
      assertThatThrownBy(() -> read(bytes, at)).isInstanceOf(FrameException.class);
    }
  }

  @Test
  void beginsWithThePrefaceAndSettings() {
    byte[] greeting = RawFrame.greeting();
    byte[] preface = Arrays.copyOf(greeting, 24);
    assertThatThrownBy(() -> read(text("GET / HTTP/1.1\r\n")))
        .hasMessageContaining("does not begin as HTTP/2");
    assertThatThrownBy(() -> read(RawFrame.join(preface, RawFrame.ofInts(6, 0, 0, 1, 2))))
        .hasMessageContaining("first frame is not SETTINGS");
    assertThatThrownBy(() -> read(RawFrame.join(preface, RawFrame.of(4, 1, 0))))
        .hasMessageContaining("first frame is not SETTINGS");
  }

  @Test
  void headerListAboveTheLimitIsTakenApart() throws Exception {
    byte[] big = RawFrame.block(new DefaultHttp2Headers().add("big", "x".repeat(1000)));
    byte[] bomb =
        RawFrame.join(
            new byte[] {0x40, 1, 'a', 0x7f, (byte) 0xd1, 0x0e},
            "y".repeat(2000).getBytes(StandardCharsets.US_ASCII),
            filled(2000, 0xbe));
    assertThat(
            read(
                all(
                    List.of(
                        RawFrame.of(1, 4, 1, bomb),
                        RawFrame.of(1, 4, 3, (byte) 0xbe),
                        RawFrame.of(1, 4, 5, big)))))
        .startsWith("settings", "too large 1", "headers 3 a=" + "y".repeat(2000))
        .hasSize(4);
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  @Test
  void malformedHeadersAreTheStreamsOwn() throws Exception {
    byte[] upperCase = new byte[] {0x40, 1, 'A', 1, 'b'};
    byte[] connection = RawFrame.block(new DefaultHttp2Headers(false).add("connection", "x"));
    assertThat(
            read(
                all(
                    List.of(
                        RawFrame.of(1, 4, 1, upperCase),
                        RawFrame.of(1, 4, 3, connection),
                        RawFrame.of(1, 4, 7, RawFrame.block(CONNECT))))))
        .containsExactly(
            "settings",
            "malformed 1",
            "malformed 3",
            "headers 7 :method=CONNECT:authority=10.0.0.1:80");
  }

  /** RFC 9113 8.2.1; what HTTP/1.1 called obs-text may be there. */
  @ParameterizedTest
  @ValueSource(ints = {0, '\n', '\r'})
  void valuesThatBreakTheLineAreTheStreamsOwn(int breaking) throws Exception {
    byte[] header = new byte[] {0x40, 1, 'a', 3, 'b', (byte) breaking, 'c'};
    byte[] authority = new byte[] {0x41, 3, 'b', (byte) breaking, 'c'};
    byte[] umlaut = new byte[] {0x40, 1, 'a', 3, 'b', (byte) 0xe4, 'c'};
    assertThat(
            read(
                all(
                    List.of(
                        RawFrame.of(1, 4, 1, header),
                        RawFrame.of(1, 4, 3, authority),
                        RawFrame.of(1, 4, 5, umlaut)))))
        .containsExactly("settings", "malformed 1", "malformed 3", "headers 5 a=b\u00e4c");
  }

  @Test
  void lengthThatIsOnlySaidReservesNothing() throws Exception {
    var memory = new UnpooledByteBufAllocator(false);
    FrameReader reader = new FrameReader(new RecordedFrames(), memory, true, MAX_FRAME, 60_000);
    byte[] padded = Arrays.copyOf(RawFrame.of(0, 8, 1, new byte[60_000]), 10);
    byte[] bytes = RawFrame.join(RawFrame.greeting(), padded);
    reader.read(buffer(bytes, 0, bytes.length));
    assertThat(memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory()).isZero();
    reader.close();

    FrameReader other = new FrameReader(new RecordedFrames(), memory, true, MAX_FRAME, 60_000);
    byte[] headers = Arrays.copyOf(RawFrame.of(1, 4, 1, new byte[50_000]), 10);
    byte[] begun = RawFrame.join(RawFrame.greeting(), headers);
    other.read(buffer(begun, 0, begun.length));
    assertThat(memory.metric().usedHeapMemory()).isBetween(1L, 1024L);
    other.close();
  }

  /** A part that is small in a large buffer does not keep the large one. */
  @Test
  void smallPartsDoNotHoldLargeBuffers() throws Exception {
    List<ByteBuf> parts = new ArrayList<>();
    FrameReader reader =
        reader(
            new RecordedFrames() {
              @Override
              public void data(int stream, ByteBuf part, int more, boolean last) {
                parts.add(part);
              }
            });
    ByteBuf large = PooledByteBufAllocator.DEFAULT.directBuffer(256 * 1024);
    large.writeBytes(RawFrame.greeting());
    large.writeBytes(RawFrame.of(0, 0, 1, text("small")));
    large.writeBytes(RawFrame.of(0, 0, 1, new byte[20_000]));
    reader.read(large.retain());
    assertThat(parts).hasSize(2);
    assertThat(parts.get(0).capacity()).isEqualTo(5);
    assertThat(large.refCnt()).isEqualTo(2);
    parts.forEach(ByteBuf::release);
    large.release();
    reader.close();
  }

  @Test
  void randomBytesThrowNothingButFrameException() {
    SplittableRandom random = new SplittableRandom(7541);
    List<byte[]> known = frames();
    int broken = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes =
          all(List.of(known.get(round % known.size()), known.get((round * 7) % known.size())));
      for (int i = random.nextInt(1, 5); i > 0; i--) {
        bytes[random.nextInt(24, bytes.length)] = (byte) random.nextInt();
      }
      try {
        read(bytes, random.nextInt(1, bytes.length));
      } catch (FrameException e) {
        broken++;
      }
    }
    assertThat(broken).isBetween(1_000, 20_000);
  }
}
