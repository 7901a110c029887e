// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class TraceEvidenceTest {
  private static final TraceTree.Hop CLIENT = new TraceTree.Hop("c1", "", "client");
  private static final TraceTree.Hop WAYPOINT = new TraceTree.Hop("a1", "c1", "waypoint");

  @Test
  void eachHopIsUnderTheOneBeforeIt() {
    Findings findings = new Findings();
    TraceTree.draw(List.of(CLIENT, WAYPOINT, new TraceTree.Hop("", "a1", "web")), findings);
    assertThat(findings.hold()).isTrue();
    assertThat(findings.all().stream().map(Findings.Seen::text))
        .containsExactly("client", "└─ waypoint", "   └─ web");
  }

  @Test
  void hopThatNamesAnotherParentDoesNotHold() {
    Findings findings = new Findings();
    TraceTree.draw(List.of(CLIENT, WAYPOINT, new TraceTree.Hop("", "c1", "web")), findings);
    assertThat(findings.hold()).isFalse();
    assertThat(findings.all().getLast().text())
        .isEqualTo("   └─ web, but its parent is 'c1' and not 'a1'");
  }

  @Test
  void hopThatIsNotOfTheTraceDoesNotHold() {
    Findings findings = new Findings();
    TraceTree.draw(List.of(CLIENT, new TraceTree.Hop("a1", "", "waypoint")), findings);
    assertThat(findings.hold()).isFalse();
  }

  @Test
  void spanIsReadFromWhatACollectorGets() throws IOException {
    UnknownFieldSet span =
        message(1, text("\1\2"))
            .mergeFrom(message(2, text("\3")).build())
            .mergeFrom(message(4, text("\4")).build())
            .mergeFrom(message(5, text("GET shop/store/0")).build())
            .mergeFrom(message(7, Field.newBuilder().addFixed64(1_000_000)).build())
            .mergeFrom(message(8, Field.newBuilder().addFixed64(3_500_000)).build())
            .mergeFrom(message(9, pair("route", message(1, text("shop/store/0")))).build())
            .mergeFrom(
                message(9, pair("status", message(3, Field.newBuilder().addVarint(200)))).build())
            .build();
    UnknownFieldSet request =
        message(1, inner(message(2, inner(message(2, inner(span)).build())).build())).build();
    CollectedSpan read =
        CollectedSpan.readAll(new ByteArrayInputStream(request.toByteArray())).getFirst();
    assertThat(read.trace()).isEqualTo("0102");
    assertThat(read.span()).isEqualTo("03");
    assertThat(read.parent()).isEqualTo("04");
    assertThat(read.name()).isEqualTo("GET shop/store/0");
    assertThat(read.duration()).isEqualTo(Duration.ofNanos(2_500_000));
    assertThat(read.attribute("route")).isEqualTo("shop/store/0");
    assertThat(read.attribute("status")).isEqualTo("200");
    assertThat(read.attribute("policy")).isEqualTo("-");
  }

  @Test
  void tokenSaysWhoBearsItAndUntilWhen() {
    TokenIssuer issuer = TokenIssuer.make();
    String[] parts = issuer.token("ann", Instant.ofEpochSecond(1_000)).split("\\.", -1);
    assertThat(parts).hasSize(3);
    assertThat(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8))
        .isEqualTo("{\"iss\":\"id.demo.culvert.dev\",\"sub\":\"ann\",\"exp\":1000}");
    assertThat(Base64.getUrlDecoder().decode(parts[2])).hasSize(64);
    assertThat(issuer.keys()).matches("\\{\"keys\":\\[\\{.*\"x\":\"[\\w-]{43}\"}]}");
  }

  private static UnknownFieldSet.Builder message(int field, Field.Builder value) {
    return UnknownFieldSet.newBuilder().addField(field, value.build());
  }

  private static Field.Builder text(String text) {
    return Field.newBuilder().addLengthDelimited(ByteString.copyFromUtf8(text));
  }

  private static Field.Builder inner(UnknownFieldSet message) {
    return Field.newBuilder().addLengthDelimited(message.toByteString());
  }

  private static Field.Builder pair(String key, UnknownFieldSet.Builder value) {
    return inner(message(1, text(key)).mergeFrom(message(2, inner(value.build())).build()).build());
  }
}
