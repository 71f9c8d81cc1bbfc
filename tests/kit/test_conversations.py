def test_hi(alice, bob, relay):
    assert alice.send(bob, "hello there, Bob").kind == "sent"
    assert bob.wait_for("message").text == "hello there, Bob"
    relay.assert_blind(b"hello there, Bob")

def test_held(alice, bob, pics):
    o = alice.send(bob, attachment=pics.listed(12))
    assert o.kind == "held"
    assert o.verdict.distance == 12

def test_near(alice, bob, pics):
    o = alice.send(bob, attachment=pics.near_miss())
    assert o.kind == "sent"
    m = bob.wait_for("message")
    assert bob.file(m) == pics.near_miss().data
