import Testing

@testable import Messaging

struct RoutingClaimsTests {
    @Test("the first key that claims a routing id keeps it; those that begin with 0 are the node's")
    func owners() {
        var claims = RoutingClaims()
        for _ in 0..<2 { #expect(claims.admits([65], of: "alice") == true) }
        #expect(claims.admits([65], of: "mallory") == false)
        #expect(claims.admits([66], of: "mallory") == true)
        #expect(claims.admits([66], of: "alice") == false)
        #expect(claims.admits([0, 1, 2, 3, 4], of: "alice") == false)
        for key in ["alice", "mallory"] { #expect(claims.admits([], of: key) == true) }
    }

    @Test("a key that claims many loses its oldest, and takes nothing from others")
    func limit() {
        var claims = RoutingClaims()
        #expect(claims.admits([9], of: "alice") == true)
        for number in 0...RoutingClaims.limit {
            #expect(claims.admits([1, UInt8(number % 256), UInt8(number / 256)], of: "mallory") == true)
        }
        #expect(claims.admits([9], of: "mallory") == false)
        #expect(claims.admits([1, 0, 0], of: "alice") == true)
        #expect(claims.admits([1, 1, 0], of: "alice") == false)
    }
}
