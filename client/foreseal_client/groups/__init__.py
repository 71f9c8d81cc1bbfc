"""Groups: who is in one, agreed by signed states that no server has to put in order. Values and rules, without I/O."""
