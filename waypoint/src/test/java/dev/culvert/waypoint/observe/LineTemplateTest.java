// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.plan.Party;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LineTemplateTest {
  private static final Instant BEGUN = Instant.parse("2026-11-28T05:31:00.123456789Z");

  private static ClientConnection connection() {
    return new ClientConnection(
        new EmbeddedChannel().eventLoop(),
        new InetSocketAddress(InetAddress.ofLiteral("198.18.0.1"), 4000),
        new InetSocketAddress(InetAddress.ofLiteral("fd00:c01::2"), 8080),
        Optional.of(SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/client")),
        true,
        Optional.of("shop.example.com"),
        Party.UNKNOWN);
  }

  private static RequestEntry request(ResponseFlag flag, String policy) {
    return new RequestEntry(
        connection(),
        "HTTP/2",
        "GET",
        "shop.example.com",
        "/shoes",
        200,
        5,
        flag,
        "",
        policy,
        "",
        null,
        null,
        null,
        null,
        "",
        0,
        12,
        3456,
        7,
        null,
        null,
        null);
  }

  private static String line(String template, @Nullable String... fields) {
    return line(template, request(ResponseFlag.NONE, "shop/readers"), fields);
  }

  private static String line(String template, RequestEntry request, @Nullable String... fields) {
    StringBuilder out = new StringBuilder();
    new TemplatedEntry(LineTemplate.parse(template), request, BEGUN, Arrays.asList(fields), "4bf9")
        .appendTo(out);
    return out.toString();
  }

  @Test
  void textWithOperators() {
    assertThat(
            line(
                "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
                    + " %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION%",
                "GET", "/shoes"))
        .isEqualTo("[2026-11-28T05:31:00.123Z] \"GET /shoes HTTP/2\" 200 - 12 3456 7");
  }

  /** MeshConfig's accessLogFormat, default. */
  @Test
  void istiosOwnDefault() {
    String istios =
        "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
            + " %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%"
            + " %CONNECTION_TERMINATION_DETAILS% \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\""
            + " %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"
            + " \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\""
            + " \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW%"
            + " %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS%"
            + " %REQUESTED_SERVER_NAME% %ROUTE_NAME%";
    assertThat(line(istios, "GET", "/shoes", null, null, "curl/8", null, "shop.example.com"))
        .isEqualTo(
            "[2026-11-28T05:31:00.123Z] \"GET /shoes HTTP/2\" 200 - - - \"-\" 12 3456 7 -"
                + " \"-\" \"curl/8\" \"-\" \"shop.example.com\" \"-\" - - [fd00:c01::2]:8080"
                + " 198.18.0.1:4000 shop.example.com -");
  }

  @Test
  void whoAskedWhom() {
    assertThat(
            line(
                "%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"
                    + " %DOWNSTREAM_REMOTE_PORT% %DOWNSTREAM_LOCAL_ADDRESS%"
                    + " %DOWNSTREAM_PEER_URI_SAN% %REQUESTED_SERVER_NAME%"))
        .isEqualTo(
            "198.18.0.1:4000 198.18.0.1 4000 [fd00:c01::2]:8080"
                + " spiffe://cluster.local/ns/shop/sa/client shop.example.com");
  }

  @Test
  void whatIsNotKnownIsADash() {
    assertThat(line("%UPSTREAM_HOST% %UPSTREAM_CLUSTER% %ROUTE_NAME% %DRY_RUN%"))
        .isEqualTo("- - - -");
  }

  @Test
  void policyTraceAndCall() {
    assertThat(line("%POLICY% %TRACE_ID% %GRPC_STATUS_NUMBER%")).isEqualTo("shop/readers 4bf9 5");
    assertThat(line("%RESPONSE_FLAGS%", request(ResponseFlag.DENIED, ""))).isEqualTo("UAEX");
  }

  @Test
  void percentSignOfItsOwn() {
    assertThat(line("100%% of %%DURATION%% is %DURATION%%PROTOCOL%"))
        .isEqualTo("100% of %DURATION% is 7HTTP/2");
  }

  @Test
  void valueEndsNeitherItsLineNorItsQuotation() {
    assertThat(line("\"%REQ(X-A)%\" end", "a\" b\\\r\n200 \u001b[2J\u009b1m\u0085"))
        .isEqualTo("\"a\\\" b\\\\\\u000d\\n200 \\u001b[2J\\u009b1m\\u0085\" end");
    assertThat(line("{\"a\": \"%REQ(X-A)%\"}", "\",\"b\":\"1"))
        .isEqualTo("{\"a\":\"\\\",\\\"b\\\":\\\"1\"}");
  }

  @Test
  void numbersAndNothingInJson() {
    assertThat(
            line(
                """
                {"status": "%RESPONSE_CODE%", "to": "%UPSTREAM_HOST%", "flags": "%RESPONSE_FLAGS%",
                 "both": "%RESPONSE_CODE% %UPSTREAM_HOST%", "at": "%START_TIME(%s)%",
                 "fix\\"ed": "a \\"word\\"", "empty": ""}
                """))
        .isEqualTo(
            "{\"status\":200,\"to\":null,\"flags\":null,\"both\":\"200 -\",\"at\":\"1795843860\","
                + "\"fix\\\"ed\":\"a \\\"word\\\"\",\"empty\":\"\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "%Y/%m/%d|2026/11/28",
        "%F %T|2026-11-28 05:31:00",
        "%s.%6f|1795843860.123456",
        "%H:%M:%S.%9f%z|05:31:00.123456789+0000",
        "100%%|100%"
      })
  void timeInItsOwnForm(String format, String written) {
    assertThat(line("%START_TIME(" + format + ")%")).isEqualTo(written);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a %NOTHING% b|character 3: %NOTHING% is not known; known are BYTES_RECEIVED,",
        "%duration%|character 1: %duration% is not known",
        "%DURATION|character 1: %NAME%, %NAME(ARGUMENT)%",
        "50% of %DURATION%|a percent sign is written %%",
        "%DURATION(x)%|character 1: %DURATION% takes no argument",
        "%DURATION:3%|character 1: %DURATION% takes no length",
        "%REQ%|character 1: %REQ% wants the name of a header field: %REQ(NAME)%",
        "%REQ()%|'' is no header field of %REQ()%",
        "%REQ(a b)%|'a b' is no header field of %REQ()%",
        "%REQ(:status)%|':status' is no header field of %REQ()%",
        "%RESP(:path)%|':path' is no header field of %RESP()%",
        "%REQ(a):0%|of a field 1 to 65536 characters are told, not 0",
        "%REQ(a):99999%|not 99999",
        "%START_TIME(%Q)%|character 1: '%Q' of a time is not known; known are %Y",
        "{\"a\": \"%NOTHING%\"}|member 'a', character 1: %NOTHING% is not known",
        "{\"a\": 1}|member 'a' is no text",
        "{\"a\": |it begins with '{' and is no JSON",
        "{\"a\": \"b\", \"a\": \"c\"}|it begins with '{' and is no JSON"
      })
  void whatCannotBeReadIsNamedWithItsPlace(String template, String problem) {
    assertThatThrownBy(() -> LineTemplate.parse(template))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\u0085b", "\u001b[1m", ""})
  void templateIsOneLine(String template) {
    assertThatThrownBy(() -> LineTemplate.parse(template))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
