// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LookAlikesTest {
  private static HttpHeaders stripped(List<String> names, String... fields) {
    HttpHeaders headers = new DefaultHttpHeaders();
    for (String field : fields) {
      headers.add(field, "1");
    }
    new LookAlikes(names).strip(headers);
    return headers;
  }

  @ParameterizedTest
  @ValueSource(strings = {"x_user_id", "X_User-Id", "x-user_id"})
  void fieldThatLooksLikeAProtectedOneGoes(String field) {
    assertThat(stripped(List.of("x-user-id"), field, field, "x-user-id").names())
        .containsExactly("x-user-id");
  }

  @Test
  void otherFieldsStay() {
    assertThat(stripped(List.of("x-user-id"), "x_user", "snake_case", "x-user-id2").names())
        .containsExactlyInAnyOrder("x_user", "snake_case", "x-user-id2");
  }

  @Test
  void dashIsNoBetterThanAnUnderscore() {
    assertThat(stripped(List.of("x_user"), "x-user", "X_USER").names()).containsExactly("X_USER");
  }

  @Test
  void twoProtectedFieldsThatLookAlikeBothStay() {
    assertThat(stripped(List.of("x_user", "x-user"), "x-user", "x_user").names()).hasSize(2);
  }
}
